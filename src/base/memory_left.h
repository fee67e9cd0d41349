/** How much memory this process may still allocate. */
#ifndef HG_BASE_MEMORY_LEFT_H
#define HG_BASE_MEMORY_LEFT_H

#include <stdint.h>

/** Bytes that may still be allocated before the host, or a control group (version 1 or 2) that contains this process,
 *  runs out of memory, less a reserve for other processes. Page cache that the kernel would give back counts as free.
 *  INT64_MAX when the system does not say. All processes of the host or group share this amount. `root` is put before
 *  /proc and /sys: "" except in tests. Local. */
int64_t hg_memory_left(const char *root);

#endif
