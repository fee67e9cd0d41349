/* Loaded before zlib (LD_PRELOAD): from the opening SWAP (1, 2, ...) of a text file `x.mtx` on, `later.mtx` stands in
 * its place. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

void *gzopen(const char *path, const char *mode)
{
    static int count;
    void *symbol = dlsym(RTLD_NEXT, "gzopen");
    void *(*open)(const char *, const char *) = NULL;
    memcpy(&open, &symbol, sizeof open);
    const char *swap = getenv("SWAP");
    if (swap != NULL && strcmp(path, "x.mtx") == 0 && ++count >= atoi(swap)) path = "later.mtx";
    return open(path, mode);
}
