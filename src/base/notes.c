#include "base/notes.h"

#include "base/printable.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 1024 };

/* Whether the line, which ends with a newline, is already among the notes. */
static bool is_known(const struct hg_notes *notes, const char *line)
{
    for (const char *at = notes->text; (at = strstr(at, line)) != NULL; at++)
        if (at == notes->text || at[-1] == '\n') return true;
    return false;
}

void hg_note(struct hg_notes *notes, const char *what, const char *why, ...)
{
    char plain[LINE], line[HG_PRINTABLE_GROWTH * LINE + 2];
    va_list args;
    if (notes == NULL) return;
    snprintf(plain, sizeof plain, "%s: ", what);
    const size_t start = strlen(plain);
    va_start(args, why);
    vsnprintf(plain + start, sizeof plain - start, why, args);
    va_end(args);
    size_t length = hg_printable(plain, sizeof plain, "", line, sizeof line - 1);
    line[length++] = '\n';
    line[length] = '\0';
    if (is_known(notes, line)) return;
    if (notes->length + length >= sizeof notes->text) {
        notes->dropped++;
        return;
    }
    memcpy(notes->text + notes->length, line, length + 1);
    notes->length += length;
}
