/** Reads text files, plain or gzip-compressed, line by line, and parses numbers. */
#ifndef HG_IO_TEXT_TEXT_H
#define HG_IO_TEXT_TEXT_H

#include "io/stream.h"

struct hg_text {
    struct hg_stream stream;
    char *buffer;
    int64_t capacity, at, end; /**< buffer[at..end) is not yet read */
    int64_t before;            /**< bytes of the text before the buffer */
    int64_t line;              /**< number of the current line, from 1 */
    bool started, ended;       /**< the first bytes were checked; the file's end is in the buffer */
};

/** Opens a file. Close with hg_text_close, which may be called twice. Local. */
hg_status hg_text_open(const char *path, struct hg_text *text);
void hg_text_close(struct hg_text *text);

/** Reads the next line, terminated and without its end (\n or \r\n); NULL at the end of the file. The caller may
 *  change it; it is valid until the next call. Skips a UTF-8 byte-order mark. Fails on UTF-16 and UTF-32, on known
 *  formats that are not text, on damaged files, zero bytes, carriage returns within a line, and lines of over 1 GiB.
 *  Local. */
hg_status hg_text_next(struct hg_text *text, char **line);

/** Byte of the text at which the next line starts. */
static inline int64_t hg_text_position(const struct hg_text *text)
{
    return text->before + text->at;
}

/** Goes on reading at byte `position` of the text, as if `line` lines had been read. Going back
 *  reads the file from its beginning. Local. */
hg_status hg_text_go_on(struct hg_text *text, int64_t position, int64_t line);

/** Takes the line end, \n or \r\n, from the line that ends before `end`; returns what is wrong with the line, NULL:
 *  nothing (see hg_text_next). */
const char *hg_text_end_line(char *line, char *end);

/** Reads the next line that is neither blank nor a comment; NULL at the end. Local. */
hg_status hg_text_next_data(struct hg_text *text, char **line);

/** Whether a line has only spaces and tabs. */
bool hg_text_blank(const char *line);

/** Whether a line is a comment: its first character after spaces and tabs is # or %. */
bool hg_text_comment(const char *line);

/** Always fails: "FILE: line N: why", followed by ": field" unless field is NULL. */
hg_status hg_text_fail(const struct hg_text *text, const char *why, const char *field);

/** Parse a whole field as a decimal integer, or as a number, which may be nan or inf. False when it is malformed, or
 *  when an integer does not fit 64 bits. */
bool hg_text_integer(const char *field, int64_t *value);
bool hg_text_number(const char *field, double *value);

#endif
