/* Chooses the instruction set. This file is compiled once, for the lowest set, so that it runs on every
 * processor. HG_SETS (cmake/kernels.cmake) is SET(identifier,name) for every set, from lowest to highest. */
#include "kernels/kernels.h"

#include <string.h>

#if defined(__x86_64__) && defined(__clang__)
#include <cpuid.h>

/* Checks the features of x86-64-v3 for which clang's __builtin_cpu_supports has no names: MOVBE, F16C and LZCNT. */
static bool runs_rest_of_v3(void)
{
    enum { MOVBE = 1 << 22, F16C = 1 << 29, LZCNT = 1 << 5 };
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & MOVBE) == 0 || (c & F16C) == 0) return false;
    return __get_cpuid(0x80000001, &a, &b, &c, &d) && (c & LZCNT) != 0;
}

/* clang's __builtin_cpu_supports knows single features, but not the levels, which GCC's does (below). Features
 * that no processor has without others in this list are left out. The built-in also checks that the operating
 * system saves the registers. */
static bool processor_runs(const char *name)
{
    const bool v3 = strcmp(name, "x86-64-v3") == 0, v4 = strcmp(name, "x86-64-v4") == 0;
    if ((v3 || v4) && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && runs_rest_of_v3()))
        return false;
    return !v4 || (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vl"));
}
#define PROCESSOR_RUNS(name) processor_runs(name)
#elif defined(__x86_64__)
/* the built-in also checks that the operating system saves the registers */
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
    int index = 0;
    while (index + 1 < hg_num_kernel_sets && runs[index + 1]()) index++;
    return index;
}

int hg_kernels_find(const char *name)
{
    int index = hg_num_kernel_sets - 1;
    while (index >= 0 && strcmp(hg_kernel_sets[index]->instructions, name) != 0) index--;
    return index;
}
