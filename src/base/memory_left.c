#include "base/memory_left.h"

#include "base/control_group.h"
#include "base/types.h"
#include <stdio.h>
#include <string.h>

enum { PATH_BYTES = 4096, LINE_BYTES = 256 };

static const int64_t reserve = (int64_t)256 << 20;

/* The number after `key` ("MemAvailable:", "inactive_file") at the start of a line of a file; the first number of the
 * file when `key` is "". -1 when there is none. */
static int64_t number_in(const char *folder, const char *name, const char *key)
{
    char path[PATH_BYTES + 64], line[LINE_BYTES];
    long long value = -1;
    const size_t bytes = strlen(key);
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return -1;
    FILE *file = fopen(path, "r");
    while (file != NULL && value < 0 && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, bytes) == 0 && sscanf(line + bytes, " %lld", &value) != 1) value = -1;
    if (file != NULL) fclose(file);
    return value;
}

static void take_less(int64_t *left, int64_t limit, int64_t used, int64_t cache)
{
    if (limit < 0 || used < 0) return; /* no limit ("max"), or no such group */
    const int64_t spare = limit - used + hg_max_i64(cache, 0) - hg_min_i64(reserve, limit / 16);
    *left = hg_min_i64(*left, hg_max_i64(spare, 0));
}

/* Files of both versions of control groups; -1 stands for a file that does not exist. memory.high counts as a limit,
 * because the kernel slows a group above it down almost to a standstill. */
static void visit(const char *folder, void *context)
{
    int64_t *left = context;
    const int64_t used = number_in(folder, "memory.current", ""),
                  cache = number_in(folder, "memory.stat", "inactive_file ");
    take_less(left, number_in(folder, "memory.max", ""), used, cache);
    take_less(left, number_in(folder, "memory.high", ""), used, cache);
    take_less(left, number_in(folder, "memory.limit_in_bytes", ""),
              number_in(folder, "memory.usage_in_bytes", ""),
              number_in(folder, "memory.stat", "total_inactive_file "));
}

int64_t hg_memory_left(const char *root)
{
    char proc[PATH_BYTES], groups[PATH_BYTES], folder[PATH_BYTES];
    int64_t left = INT64_MAX;
    snprintf(proc, sizeof proc, "%s/proc", root);
    snprintf(groups, sizeof groups, "%s/proc/self/cgroup", root);
    snprintf(folder, sizeof folder, "%s/sys/fs/cgroup", root);
    const int64_t available = number_in(proc, "meminfo", "MemAvailable: ");
    if (available >= 0) left = hg_max_i64(available * 1024 - reserve, 0);
    hg_control_groups(groups, folder, "memory", visit, &left);
    return left;
}
