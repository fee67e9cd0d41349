/** Lines and fields of text files, plain or gzip-compressed. */
#ifndef HG_IO_TEXT_H
#define HG_IO_TEXT_H

#include "io/stream.h"

struct hg_text {
    struct hg_stream stream;
    char *buffer;
    int64_t capacity, at, end;
    int64_t line; /**< number of the current line, from 1 */
    bool ended;
};

/** Opens; close with hg_text_close, which may be called twice. Local. */
hg_status hg_text_open(const char *path, struct hg_text *text);
void hg_text_close(struct hg_text *text);

/** The next line without its end, terminated, valid until the next call and free to be changed; NULL at the end. Fails on
 *  damaged files, zero bytes and lines of over 1 GiB. Local. */
hg_status hg_text_next(struct hg_text *text, char **line);

/** The next line that is neither blank nor a comment (# or %); a header, a first line that does not begin with a
 *  number, is skipped when *first is true (then set to false). NULL at the end. Local. */
hg_status hg_text_next_data(struct hg_text *text, bool *first, char **line);

/** Whether nothing but spaces is in the line. */
bool hg_text_blank(const char *line);

/** The next field, terminated: fields are separated by commas, tabs or spaces. NULL when there is none; *at moves on. */
char *hg_text_field(char **at);

/** Fields of a line. */
int64_t hg_text_count_fields(const char *line);

/** A whole field as a number; false when it is none. */
bool hg_text_integer(const char *field, int64_t *value);
bool hg_text_number(const char *field, double *value);

#endif
