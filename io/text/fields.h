/** Splits the lines of a table into fields. A file has one separator: a comma, a tab, or sequences of spaces and tabs
 *  (' '). Fields may be in double quotes, which are doubled inside (RFC 4180), but may not contain line ends. Spaces
 *  around a field do not belong to it.
 */
#ifndef HG_IO_TEXT_FIELDS_H
#define HG_IO_TEXT_FIELDS_H

#include "base/types.h"

/** The separator of a line: a comma if there is one outside quotes, else a tab if there is one, else ' '. Local. */
char hg_fields_separator(const char *line);

/** Number of fields of a line. An empty last field, after a separator that ends the line, is not counted; -1: a quote
 *  is wrong. Local. */
int64_t hg_fields_count(const char *line, char separator);

/** Splits a line in place into field[k], k < most. Returns the number of fields of the line, which may exceed `most`;
 *  an empty last field, after a separator that ends the line, counts only if it is among the first `most`. Returns -1
 *  when a quote has no end or text follows it. Local. */
int64_t hg_fields_split(char *line, char separator, char **field, int64_t most);

#endif
