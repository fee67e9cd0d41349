/* Loaded before HDF5 (LD_PRELOAD): opening a file crashes or never ends, as CRASH says, on the rank CRASH_RANK (unset:
 * on all). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Deeper than any stack. */
static int recurse(volatile char *above)
{
    volatile char block[4096];
    block[0] = above != NULL ? *above : 1;
    return recurse(block) + block[0];
}

int64_t H5Fopen(const char *name, unsigned flags, int64_t access)
{
    const char *kind = getenv("CRASH"), *wanted = getenv("CRASH_RANK"),
               *rank = getenv("OMPI_COMM_WORLD_RANK");
    (void)name, (void)flags, (void)access;
    if (wanted != NULL && (rank == NULL || strcmp(rank, wanted) != 0)) return -1;
    if (kind != NULL && strcmp(kind, "abort") == 0) abort();
    if (kind != NULL && strcmp(kind, "recursion") == 0) return recurse(NULL);
    for (volatile int k = 0; kind != NULL && strcmp(kind, "loop") == 0; k = k + 1 & 255) {
    }
    return *(volatile int *)NULL;
}
