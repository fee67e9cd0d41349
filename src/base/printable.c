#include "base/printable.h"

#include <stdio.h>
#include <string.h>

/* Decodes the UTF-8 character at `text`, of at most `length` bytes. Returns its number of bytes; 0 when `length` is 0
 * or the bytes are not UTF-8 (overlong, a surrogate, or incomplete). */
static size_t next_character(const char *text, size_t length, unsigned *character)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *byte = (const unsigned char *)text;
    if (length == 0) return 0;
    const unsigned first = byte[0];
    const size_t bytes = first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (bytes == 0 || bytes > length || first > 0xf4) return 0;
    *character = bytes == 1 ? first : first & (0x7fu >> bytes);
    for (size_t k = 1; k < bytes; k++) {
        if ((byte[k] & 0xc0u) != 0x80u) return 0;
        *character = *character << 6 | (byte[k] & 0x3fu);
    }
    const bool surrogate = *character >= 0xd800 && *character < 0xe000;
    return *character >= least[bytes] && *character < 0x110000 && !surrogate ? bytes : 0;
}

/* Characters that would change how the rest of the text is shown: control characters, line and paragraph separators,
 * marks, embeddings, overrides and isolates of writing direction, the byte-order mark. */
static bool is_hidden(unsigned c)
{
    static const struct {
        unsigned first, last;
    } hidden[] = {{0x00, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},
                  {0x2028, 0x202e}, {0x2066, 0x2069}, {0xfeff, 0xfeff}};
    for (size_t k = 0; k < sizeof hidden / sizeof *hidden; k++)
        if (c >= hidden[k].first && c <= hidden[k].last) return true;
    return false;
}

enum { ESCAPE_BYTES = 8 };

bool hg_is_utf8(const char *text, size_t length)
{
    unsigned character = 0;
    for (size_t at = 0, step; at < length; at += step) {
        step = next_character(text + at, length - at, &character);
        if (step == 0) return false;
    }
    return true;
}

/* Writes how the character at `text` is shown; returns how many bytes of `text` it occupies. */
static size_t show_next(const char *text, size_t length, const char *also, char shown[ESCAPE_BYTES])
{
    static const char names[] = {'t', 'n', 0, 0, 'r'}; /* of the characters 9 (tab) to 13 (carriage return) */
    unsigned c = 0;
    const size_t bytes = next_character(text, length, &c);
    if (bytes == 0)
        snprintf(shown, ESCAPE_BYTES, "\\x%02x", (unsigned char)text[0]);
    else if (c >= 9 && c < 9 + sizeof names && names[c - 9] != 0)
        snprintf(shown, ESCAPE_BYTES, "\\%c", names[c - 9]);
    else if (is_hidden(c))
        snprintf(shown, ESCAPE_BYTES, c < 0x80 ? "\\x%02x" : "\\u%04x", c);
    else
        snprintf(shown, ESCAPE_BYTES, "%s%.*s", c < 0x80 && strchr(also, (int)c) != NULL ? "\\" : "",
                 (int)bytes, text);
    return bytes > 0 ? bytes : 1;
}

size_t hg_printable(const char *text, size_t length, const char *also, char *out, size_t size)
{
    size_t used = 0;
    for (const char *end = text + strnlen(text, length); text < end;) {
        char shown[ESCAPE_BYTES];
        text += show_next(text, (size_t)(end - text), also, shown);
        const size_t more = strlen(shown);
        if (used + more >= size) break;
        memcpy(out + used, shown, more);
        used += more;
    }
    if (size > 0) out[used] = '\0';
    return used;
}

const char *hg_printed(const char *text, char *out, size_t size)
{
    hg_printable(text, strlen(text), "", out, size);
    return out;
}
