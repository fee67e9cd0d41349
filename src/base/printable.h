/** Text from outside (names, paths, options) made fit for a terminal and for one field of a line: nothing in it can move the
 *  cursor, change colours, end the line or turn the order of what follows.
 */
#ifndef HG_BASE_PRINTABLE_H
#define HG_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

/** Most bytes that one byte of text becomes. */
enum { HG_PRINTABLE_GROWTH = 4 };

/** Copies `length` bytes of text (no more than up to a zero byte) to out[size], terminated, and returns the bytes written before the
 *  terminator. Control characters become \t, \n, \r, \xHH, or \uHHHH above 0x7f, as do characters that break lines or set the writing
 *  direction; bytes that are not UTF-8 become \xHH; a character of `also` (ASCII; "" for none) gets a backslash before it. All other
 *  UTF-8 passes. What does not fit is left out from the first character on that does not. Local. */
size_t hg_printable(const char *text, size_t length, const char *also, char *out, size_t size);

/** The same for a terminated text, without `also`; returns out, for use among the arguments of printf. Local. */
const char *hg_printed(const char *text, char *out, size_t size);

/** Whether `length` bytes are UTF-8: no character of them too long, a surrogate or cut off. Local. */
bool hg_is_utf8(const char *text, size_t length);

#endif
