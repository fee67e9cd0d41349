/** How much memory this process may still take.
 */
#ifndef HG_BASE_MEMORY_LEFT_H
#define HG_BASE_MEMORY_LEFT_H

#include <stdint.h>

/** Bytes that may still be taken before the host or a control group of this process (version 1 or 2, or one that contains it) runs out, after
 *  a reserve for others; what the files' cache would give back counts as free. INT64_MAX when nothing tells. All processes of the host or
 *  group take from it. `root` is put before /proc and /sys: "" but in tests. Local. */
int64_t hg_memory_left(const char *root);

#endif
