#include "io/text.h"

#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 1 << 20, LONGEST = 1 << 30 };

static const char separators[] = ", \t";

hg_status hg_text_open(const char *path, struct hg_text *text)
{
    *text = (struct hg_text){0};
    return hg_stream_open(path, &text->stream);
}

void hg_text_close(struct hg_text *text)
{
    hg_stream_close(&text->stream);
    HG_FREE(text->buffer);
}

/* Moves what is left to the front and reads more behind it; one byte stays free for a terminator. */
static hg_status refill(struct hg_text *text)
{
    int64_t got = 0;
    if (text->end - text->at > LONGEST)
        return hg_fail(HG_FAILED, text->stream.what, "line %lld is longer than 1 GiB",
                       (long long)text->line + 1);
    if (text->at > 0) memmove(text->buffer, text->buffer + text->at, (size_t)(text->end - text->at));
    text->end -= text->at;
    text->at = 0;
    HG_TRY(HG_RESERVE(text->buffer, &text->capacity, text->end + CHUNK + 1));
    HG_TRY(hg_stream_read(&text->stream, text->buffer + text->end, text->capacity - text->end - 1, &got));
    text->ended = got < text->capacity - text->end - 1;
    text->end += got;
    return HG_OK;
}

hg_status hg_text_next(struct hg_text *text, char **line)
{
    char *end = NULL;
    int64_t searched = 0;
    for (;;) {
        if (text->buffer != NULL)
            end = memchr(text->buffer + text->at + searched, '\n', (size_t)(text->end - text->at - searched));
        if (end != NULL || text->ended) break;
        searched = text->end - text->at;
        HG_TRY(refill(text));
    }
    *line = NULL;
    if (end == NULL && text->at == text->end) return HG_OK;
    if (end == NULL) end = text->buffer + text->end;
    *line = text->buffer + text->at;
    text->line++;
    text->at = hg_min_i64(end - text->buffer + 1, text->end);
    if (memchr(*line, '\0', (size_t)(end - *line)) != NULL)
        return hg_fail(HG_FAILED, text->stream.what, "line %lld: not text (a zero byte)",
                       (long long)text->line);
    if (end > *line && end[-1] == '\r') end--;
    *end = '\0';
    return HG_OK;
}

bool hg_text_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

/* Whether the first field is a number. */
static bool begins_with_number(const char *line)
{
    char *end = NULL;
    strtod(line, &end);
    return end != line && (*end == '\0' || strchr(separators, *end) != NULL);
}

hg_status hg_text_next_data(struct hg_text *text, bool *first, char **line)
{
    for (;;) {
        HG_TRY(hg_text_next(text, line));
        if (*line == NULL) return HG_OK;
        const char start = (*line)[strspn(*line, " \t")];
        if (start == '\0' || start == '#' || start == '%') continue;
        const bool header = *first && !begins_with_number(*line);
        *first = false;
        if (!header) return HG_OK;
    }
}

char *hg_text_field(char **at)
{
    char *field = *at + strspn(*at, " \t");
    if (*field == '\0') return NULL;
    char *end = field + strcspn(field, separators);
    char *next = end + strspn(end, " \t");
    if (*next == ',') next++;
    *end = '\0';
    *at = next;
    return field;
}

int64_t hg_text_count_fields(const char *line)
{
    int64_t fields = 0;
    for (line += strspn(line, " \t"); *line != '\0'; fields++) {
        line += strcspn(line, separators);
        line += strspn(line, " \t");
        if (*line == ',') line += 1 + strspn(line + 1, " \t");
    }
    return fields;
}

bool hg_text_integer(const char *field, int64_t *value)
{
    char *end = NULL;
    errno = 0;
    *value = strtoll(field, &end, 10);
    return end != field && *end == '\0' && errno == 0;
}

bool hg_text_number(const char *field, double *value)
{
    char *end = NULL;
    *value = strtod(field, &end);
    return end != field && *end == '\0';
}
