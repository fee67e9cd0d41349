#include "train/threads.h"

#include "base/mem.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 256 };

/* What tells ranks that share cores: host and affinity mask. */
struct place {
    char host[HOST_BYTES];
    cpu_set_t mask;
};

static struct place this_place(void)
{
    struct place place;
    memset(&place, 0, sizeof place);
    if (gethostname(place.host, sizeof place.host - 1) != 0) place.host[0] = '?';
    if (sched_getaffinity(0, sizeof place.mask, &place.mask) != 0) CPU_SET(0, &place.mask);
    return place;
}

hg_status hg_threads_choose(const struct hg_comm *comm, int64_t wanted, int *threads)
{
    const struct place mine = this_place();
    struct place *all = NULL;
    *threads = (int)wanted;
    if (wanted > 0) return HG_OK;
    const hg_status status = hg_agree(comm, HG_NEW(all, comm->size));
    if (status == HG_OK) {
        int sharers = 0;
        hg_comm_allgather_bytes(comm, &mine, sizeof mine, all);
        for (int r = 0; r < comm->size; r++) sharers += memcmp(&all[r], &mine, sizeof mine) == 0;
        *threads = (int)hg_max_i64(1, CPU_COUNT(&mine.mask) / sharers);
    }
    HG_FREE(all);
    return status;
}

void hg_threads_binding(char *text, size_t bytes)
{
    const struct place mine = this_place();
    size_t used = (size_t)snprintf(text, bytes, "cores ");
    const char *comma = "";
    for (size_t first = 0; first < CPU_SETSIZE; first++) {
        if (!CPU_ISSET(first, &mine.mask)) continue;
        size_t last = first;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, &mine.mask)) last++;
        if (used < bytes)
            used += (size_t)snprintf(text + used, bytes - used, last > first ? "%s%zu-%zu" : "%s%zu", comma,
                                     first, last);
        comma = ",";
        first = last;
    }
}
