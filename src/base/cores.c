#include "base/cores.h"

#include "base/mem.h"
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 256, PATH_BYTES = 4096 };

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

int hg_cores_allowed(int64_t process)
{
    cpu_set_t mask;
    return sched_getaffinity((pid_t)process, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : 0;
}

/* The first number of a file, and the second (0: there is none); false when there is no first. */
static bool read_numbers(const char *path, double *first, double *second)
{
    FILE *file = fopen(path, "r");
    *second = 0;
    if (file == NULL) return false;
    const int count = fscanf(file, "%lf %lf", first, second);
    fclose(file);
    return count >= 1;
}

/* Cores that the group in this folder grants; 0: no limit. A group of version 1 has two files. */
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

/* The least limit of the group and those around it, up to `root`. A container may see the group's path but not its folder. */
static double path_limit(const char *root, const char *group)
{
    char folder[PATH_BYTES];
    double least = 0;
    if (snprintf(folder, sizeof folder, "%s%s", root, group) >= (int)sizeof folder) return 0;
    for (size_t end = strlen(folder); end >= strlen(root); end--) {
        if (folder[end] != '/' && folder[end] != '\0') continue;
        folder[end] = '\0';
        const double limit = group_limit(folder);
        if (limit > 0 && (least == 0 || limit < least)) least = limit;
        if (end == 0) break;
    }
    return least;
}

/* Whether a list of controllers, separated by commas, has cpu. */
static bool has_cpu(const char *controllers)
{
    for (const char *word = controllers; word != NULL; word = strchr(word, ','), word += word != NULL)
        if (strncmp(word, "cpu", 3) == 0 && (word[3] == ',' || word[3] == '\0')) return true;
    return false;
}

/* A line is NUMBER:CONTROLLERS:PATH; no controllers: version 2. */
static double line_limit(char *line, const char *root)
{
    char folder[PATH_BYTES];
    char *controllers = strchr(line, ':'), *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;
    if (group == NULL) return 0;
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (*++controllers == '\0') return path_limit(root, group);
    if (!has_cpu(controllers)) return 0;
    snprintf(folder, sizeof folder, "%s/%s", root, controllers);
    if (access(folder, F_OK) != 0) snprintf(folder, sizeof folder, "%s/cpu", root);
    return path_limit(folder, group);
}

int hg_cores_quota(const char *groups, const char *root)
{
    char line[PATH_BYTES];
    double least = 0;
    FILE *file = fopen(groups, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const double limit = line_limit(line, root);
        if (limit > 0 && (least == 0 || limit < least)) least = limit;
    }
    if (file != NULL) fclose(file);
    return least < 1e6 ? (int)ceil(least) : 0;
}

hg_status hg_cores_look(const struct hg_comm *comm, struct hg_cores *cores)
{
    const struct place mine = this_place();
    struct place *all = NULL;
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

bool hg_cores_crowded(const struct hg_cores *cores, int threads)
{
    return (int64_t)threads * cores->sharers > cores->allowed ||
           (cores->quota > 0 && (int64_t)threads * cores->ranks > cores->quota);
}

void hg_cores_text(char *text, size_t bytes)
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
