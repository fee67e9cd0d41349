/** Fields of a line of a table. The separator is the file's: a comma, a tab, or runs of spaces and tabs (' '). Fields may stand in
 *  double quotes, doubled within (RFC 4180), but not go over lines; spaces around a field do not belong to it.
 */
#ifndef HG_IO_TEXT_FIELDS_H
#define HG_IO_TEXT_FIELDS_H

#include "base/types.h"

/** The separator that a line shows: a comma if there is one outside quotes, else a tab, else ' '. Local. */
char hg_fields_separator(const char *line);

/** Fields of a line as hg_fields_split finds them, without an empty one at the end (a separator that ends the line). Local. */
int64_t hg_fields_count(const char *line, char separator);

/** Splits a line in place: field[k], terminated, of at most `most`. Returns how many the line has: an empty one after a separator
 *  that ends the line is counted only if it is among the `most`; -1: a quote has no end, or text behind it. Local. */
int64_t hg_fields_split(char *line, char separator, char **field, int64_t most);

#endif
