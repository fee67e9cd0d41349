/** Makes text from outside (names, paths, options) safe for a terminal and for one field of a line: after it, nothing
 *  in the text can move the cursor, change colours, end the line or reverse the order of what follows. */
#ifndef HG_BASE_PRINTABLE_H
#define HG_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/** The largest number of bytes that one byte of text becomes. */
enum { HG_PRINTABLE_GROWTH = 4 };

/** Copies `length` bytes of text (fewer if there is a zero byte) to out[size], escaped and terminated, and returns
 *  the number of bytes before the terminator. Control characters become \t, \n, \r, \xHH, or \uHHHH above 0x7f; so do
 *  characters that break lines or set the writing direction. Bytes that are not UTF-8 become \xHH. A character of
 *  `also` (ASCII; "" for none) gets a backslash before it. All other UTF-8 stays as it is. Output ends before the
 *  first character that does not fit. Local. */
size_t hg_printable(const char *text, size_t length, const char *also, char *out, size_t size);

/** hg_printable of a terminated text, without `also`; returns out, so that it can stand among the arguments of
 *  printf. Local. */
const char *hg_printed(const char *text, char *out, size_t size);

/** Whether `length` bytes are valid UTF-8: no character is overlong, a surrogate or incomplete. Local. */
bool hg_is_utf8(const char *text, size_t length);

#endif
