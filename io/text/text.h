/** Lines of text files, plain or gzip-compressed, and numbers in them. */
#ifndef HG_IO_TEXT_TEXT_H
#define HG_IO_TEXT_TEXT_H

#include "io/stream.h"

struct hg_text {
    struct hg_stream stream;
    char *buffer;
    int64_t capacity, at, end;
    int64_t line; /**< number of the current line, from 1 */
    bool started, ended;
};

/** Opens; close with hg_text_close, which may be called twice. Local. */
hg_status hg_text_open(const char *path, struct hg_text *text);
void hg_text_close(struct hg_text *text);

/** The next line without its end (\n or \r\n), terminated, valid until the next call and free to be changed; NULL at the
 *  end of the file. A UTF-8 byte-order mark is skipped. Fails on UTF-16 and UTF-32, on other known formats that are no text, on
 *  damaged files, zero bytes, carriage returns within a line and lines of over 1 GiB. Local. */
hg_status hg_text_next(struct hg_text *text, char **line);

/** The next line that is neither blank nor a comment; NULL at the end. Local. */
hg_status hg_text_next_data(struct hg_text *text, char **line);

/** Whether nothing but spaces is in the line. */
bool hg_text_blank(const char *line);

/** Whether the line is a comment: its first character that is no space is # or %. */
bool hg_text_comment(const char *line);

/** Fails with "FILE: line N: why", followed by ": field" unless that is NULL. */
hg_status hg_text_fail(const struct hg_text *text, const char *why, const char *field);

/** A whole field as a decimal number; false when it is none, or does not fit 64 bits. Numbers may be nan or inf. */
bool hg_text_integer(const char *field, int64_t *value);
bool hg_text_number(const char *field, double *value);

#endif
