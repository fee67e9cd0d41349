#include "base/unfinished.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* `ready` is set after the path is complete, because a signal handler may run at any moment. */
static struct {
    atomic_bool ready;
    char path[HG_UNFINISHED_BYTES];
} files[HG_UNFINISHED_FILES];

int hg_unfinished_add(const char *path)
{
    const size_t bytes = strlen(path) + 1;
    for (int k = 0; bytes <= HG_UNFINISHED_BYTES && k < HG_UNFINISHED_FILES; k++) {
        if (atomic_load(&files[k].ready)) continue;
        memcpy(files[k].path, path, bytes);
        atomic_store(&files[k].ready, true);
        return k;
    }
    return -1;
}

void hg_unfinished_drop(int index)
{
    if (index >= 0) atomic_store(&files[index].ready, false);
}

void hg_unfinished_remove(void)
{
    for (int k = 0; k < HG_UNFINISHED_FILES; k++)
        if (atomic_load(&files[k].ready)) (void)unlink(files[k].path);
}
