#include "dist/cores.h"

#include "base/control_group.h"
#include "base/mem.h"
#include <math.h>
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 256, PATH_BYTES = 4096 };

/* Ranks share cores when they have the same host and the same affinity mask. */
struct location {
    char host[HOST_BYTES];
    cpu_set_t mask;
};

/* Where the environment binds OpenMP's threads, OpenMP has bound the main thread to the first place before main()
 * began, so the thread's own mask is too small: the process may use the cores of all places. */
static void add_openmp_places(cpu_set_t *mask)
{
    int cores[CPU_SETSIZE];
    for (int p = 0; omp_get_proc_bind() != omp_proc_bind_false && p < omp_get_num_places(); p++) {
        const int count = omp_get_place_num_procs(p);
        if (count > CPU_SETSIZE) continue;
        omp_get_place_proc_ids(p, cores);
        for (int k = 0; k < count; k++)
            if (cores[k] < CPU_SETSIZE) CPU_SET((size_t)cores[k], mask);
    }
}

static struct location this_location(void)
{
    struct location location;
    memset(&location, 0, sizeof location);
    if (gethostname(location.host, sizeof location.host - 1) != 0) location.host[0] = '?';
    if (sched_getaffinity(0, sizeof location.mask, &location.mask) != 0) CPU_SET(0, &location.mask);
    add_openmp_places(&location.mask);
    return location;
}

int hg_cores_allowed(int64_t process)
{
    cpu_set_t mask;
    const struct location mine = this_location();
    if (process == 0) return CPU_COUNT(&mine.mask);
    return sched_getaffinity((pid_t)process, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : 0;
}

/* Reads the first number of a file, and the second (0 when there is none); false when there is no first number. */
static bool read_numbers(const char *path, double *first, double *second)
{
    FILE *file = fopen(path, "r");
    *second = 0;
    if (file == NULL) return false;
    const int count = fscanf(file, "%lf %lf", first, second);
    fclose(file);
    return count >= 1;
}

/* Cores' worth of processor time that the control group in this folder grants: quota / period; 0: no limit. Version 2
 * has one file, version 1 two. */
static double group_limit(const char *folder)
{
    char path[PATH_BYTES + 32];
    double quota = 0, period = 0, none;
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!read_numbers(path, &quota, &period)) {
        snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
        if (!read_numbers(path, &quota, &none)) return 0;
        snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
        if (!read_numbers(path, &period, &none)) return 0;
    }
    return quota > 0 && period > 0 ? quota / period : 0;
}

static void take_minimum(const char *folder, void *context)
{
    double *least = context;
    const double limit = group_limit(folder);
    if (limit > 0 && (*least == 0 || limit < *least)) *least = limit;
}

int hg_cores_quota(const char *groups, const char *root)
{
    double least = 0;
    hg_control_groups(groups, root, "cpu", take_minimum, &least);
    return least < 1e6 ? (int)ceil(least) : 0;
}

hg_status hg_cores_query(const struct hg_comm *comm, struct hg_cores *cores)
{
    const struct location mine = this_location();
    struct location *all = NULL;
    *cores = (struct hg_cores){.allowed = CPU_COUNT(&mine.mask),
                               .launcher = hg_cores_allowed(getppid()),
                               .quota = hg_cores_quota("/proc/self/cgroup", "/sys/fs/cgroup")};
    const hg_status status = hg_agree(comm, HG_NEW(all, comm->size));
    if (status == HG_OK) hg_comm_allgather_bytes(comm, &mine, sizeof mine, all);
    for (int r = 0; status == HG_OK && r < comm->size; r++) {
        const bool here = strcmp(all[r].host, mine.host) == 0;
        cores->ranks += here;
        cores->sharers += here && CPU_EQUAL(&all[r].mask, &mine.mask);
    }
    HG_FREE(all);
    return status;
}

int hg_cores_share(const struct hg_cores *cores)
{
    const int granted = cores->quota > 0 ? (cores->quota + cores->ranks - 1) / cores->ranks : cores->allowed;
    return (int)hg_max_i64(1, hg_min_i64(cores->allowed / cores->sharers, granted));
}

bool hg_cores_oversubscribed(const struct hg_cores *cores, int threads)
{
    return (int64_t)threads * cores->sharers > cores->allowed ||
           (cores->quota > 0 && (int64_t)threads * cores->ranks > cores->quota);
}

void hg_cores_text(char *text, size_t bytes)
{
    const struct location mine = this_location();
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
