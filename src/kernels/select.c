/* Compiled once, for the lowest set: runs everywhere. HG_SETS is SET(identifier,name) of every set, from lowest to highest. */
#include "kernels/kernels.h"

#include <string.h>

#ifdef __x86_64__
/* asks the operating system too: it must keep the registers */
#define PROCESSOR_RUNS(name) (__builtin_cpu_supports(name) != 0)
#else
#define PROCESSOR_RUNS(name) true
#endif

#define SET(set, name)                                                                                       \
    extern const struct hg_kernels hg_kernels_##set;                                                         \
    static bool runs_##set(void)                                                                             \
    {                                                                                                        \
        return PROCESSOR_RUNS(#name);                                                                        \
    }
HG_SETS
#undef SET

#define SET(set, name) &hg_kernels_##set,
const struct hg_kernels *const hg_kernel_sets[] = {HG_SETS};
#undef SET

#define SET(set, name) runs_##set,
static bool (*const runs[])(void) = {HG_SETS};
#undef SET

const int hg_num_kernel_sets = (int)(sizeof runs / sizeof *runs);

int hg_kernels_highest(void)
{
    int place = 0;
    while (place + 1 < hg_num_kernel_sets && runs[place + 1]()) place++;
    return place;
}

int hg_kernels_find(const char *name)
{
    int place = hg_num_kernel_sets - 1;
    while (place >= 0 && strcmp(hg_kernel_sets[place]->instructions, name) != 0) place--;
    return place;
}
