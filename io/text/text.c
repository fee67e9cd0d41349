#include "io/text/text.h"

#include "base/mem.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHUNK = 1 << 20, LONGEST = 1 << 30 };

static const char padding[] = " \t";

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

/* Moves the unread bytes to the start of the buffer and reads more behind them; leaves one byte for a terminator. */
static hg_status refill(struct hg_text *text)
{
    int64_t got = 0;
    if (text->end - text->at > LONGEST)
        return hg_fail(HG_FAILED, text->stream.what, "line %lld is longer than 1 GiB",
                       (long long)text->line + 1);
    if (text->at > 0) memmove(text->buffer, text->buffer + text->at, (size_t)(text->end - text->at));
    text->before += text->at;
    text->end -= text->at;
    text->at = 0;
    HG_TRY(HG_RESERVE(text->buffer, &text->capacity, text->end + CHUNK + 1));
    HG_TRY(hg_stream_read(&text->stream, text->buffer + text->end, text->capacity - text->end - 1, &got));
    text->ended = got < text->capacity - text->end - 1;
    text->end += got;
    return HG_OK;
}

/* First bytes that are skipped (why NULL) or refused. A longer sequence comes before a shorter one that it begins
 * with. */
static const struct start {
    const char *bytes;
    int64_t count;
    const char *why;
} starts[] = {
    {"\xef\xbb\xbf", 3, NULL},
    {"\xff\xfe\0\0", 4, "is UTF-32: convert it (iconv -f UTF-32 -t UTF-8)"},
    {"\0\0\xfe\xff", 4, "is UTF-32: convert it (iconv -f UTF-32 -t UTF-8)"},
    {"\xff\xfe", 2, "is UTF-16: convert it (iconv -f UTF-16 -t UTF-8)"},
    {"\xfe\xff", 2, "is UTF-16: convert it (iconv -f UTF-16 -t UTF-8)"},
    {"\xfd"
     "7zXZ",
     5, "is compressed by xz: only gzip is read"},
    {"BZh", 3, "is compressed by bzip2: only gzip is read"},
    {"\x28\xb5\x2f\xfd", 4, "is compressed by zstd: only gzip is read"},
    {"PK\x03\x04", 4, "is a zip archive, not text"},
    {"\x93NUMPY", 6, "is an array of NumPy, not text"},
    {"\x89HDF", 4, "is an HDF5 file, not text"},
};

static hg_status start(struct hg_text *text)
{
    text->started = true;
    HG_TRY(refill(text));
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        if (text->end < starts[k].count ||
            memcmp(text->buffer, starts[k].bytes, (size_t)starts[k].count) != 0)
            continue;
        if (starts[k].why != NULL) return hg_fail(HG_FAILED, text->stream.what, "%s", starts[k].why);
        text->at = starts[k].count;
        break;
    }
    return HG_OK;
}

const char *hg_text_end_line(char *line, char *end)
{
    while (end > line && end[-1] == '\r') end--;
    if (memchr(line, '\0', (size_t)(end - line)) != NULL) return "not text (a zero byte: UTF-16?)";
    if (memchr(line, '\r', (size_t)(end - line)) != NULL)
        return "a carriage return within the line: lines end in \\n or \\r\\n (see tr, dos2unix)";
    *end = '\0';
    return NULL;
}

/* Reads until a complete line is in the buffer; *end: its end; NULL at the end of the file. */
static hg_status find_end(struct hg_text *text, char **end)
{
    int64_t searched = 0;
    if (!text->started) HG_TRY(start(text));
    for (;;) {
        *end = memchr(text->buffer + text->at + searched, '\n', (size_t)(text->end - text->at - searched));
        if (*end != NULL || text->ended) break;
        searched = text->end - text->at;
        HG_TRY(refill(text));
    }
    if (*end == NULL && text->at < text->end) *end = text->buffer + text->end;
    return HG_OK;
}

hg_status hg_text_next(struct hg_text *text, char **line)
{
    char *end = NULL;
    *line = NULL;
    HG_TRY(find_end(text, &end));
    if (end == NULL) return HG_OK;
    *line = text->buffer + text->at;
    text->line++;
    text->at = hg_min_i64(end - text->buffer + 1, text->end);
    const char *why = hg_text_end_line(*line, end);
    return why == NULL ? HG_OK : hg_text_fail(text, why, NULL);
}

hg_status hg_text_go_on(struct hg_text *text, int64_t position, int64_t line)
{
    if (position < hg_text_position(text)) {
        const char *path = text->stream.what;
        hg_text_close(text);
        HG_TRY(hg_text_open(path, text));
        HG_TRY(start(text));
    }
    while (text->before + text->end < position && !text->ended) {
        text->at = text->end;
        HG_TRY(refill(text));
    }
    text->at = hg_min_i64(position - text->before, text->end);
    text->line = line;
    return HG_OK;
}

hg_status hg_text_next_data(struct hg_text *text, char **line)
{
    do HG_TRY(hg_text_next(text, line));
    while (*line != NULL && (hg_text_blank(*line) || hg_text_comment(*line)));
    return HG_OK;
}

bool hg_text_blank(const char *line)
{
    return line[strspn(line, padding)] == '\0';
}

bool hg_text_comment(const char *line)
{
    const char first = line[strspn(line, padding)];
    return first == '#' || first == '%';
}

hg_status hg_text_fail(const struct hg_text *text, const char *why, const char *field)
{
    return hg_fail(HG_FAILED, text->stream.what, "line %lld: %s%s%s", (long long)text->line, why,
                   field != NULL ? ": " : "",
                   field == NULL      ? ""
                   : field[0] == '\0' ? "(empty)"
                                      : field);
}

static const char *behind_sign(const char *field)
{
    return field + (*field == '-' || *field == '+');
}

bool hg_text_integer(const char *field, int64_t *value)
{
    char *end = NULL;
    if (!isdigit((unsigned char)*behind_sign(field))) return false; /* strtoll skips spaces */
    errno = 0;
    *value = strtoll(field, &end, 10);
    return *end == '\0' && errno == 0;
}

/* strtod alone would accept hexadecimal numbers and nan(...), too. */
bool hg_text_number(const char *field, double *value)
{
    static const char *const words[] = {"nan", "inf", "infinity"};
    const char *digits = behind_sign(field);
    char *end = NULL;
    *value = strtod(field, &end);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++)
        if (strcasecmp(digits, words[w]) == 0) return true;
    return *digits != '\0' && digits[strspn(digits, "0123456789.eE+-")] == '\0' && *end == '\0' &&
           end != field;
}
