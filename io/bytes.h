/** Writing bytes to a descriptor. */
#ifndef HG_IO_BYTES_H
#define HG_IO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Writes all `count` bytes at offset `at` of the file, however few the system takes at a time. False, with errno,
 *  when that fails. Local. */
bool hg_bytes_write(int descriptor, const void *bytes, size_t count, int64_t at);

#endif
