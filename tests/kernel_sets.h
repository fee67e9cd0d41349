/** Runs the tests of kernels once for each instruction set that this processor supports. */
#ifndef HG_TESTS_KERNEL_SETS_H
#define HG_TESTS_KERNEL_SETS_H

#include "kernels/kernels.h"
#include "testing.h"

/** The kernels of the instruction set under test. */
static const struct hg_kernels *kernels;

static inline int run_sets(const struct CMUnitTest *tests, size_t count)
{
    int failures = 0;
    for (int s = 0; s <= hg_kernels_highest(); s++) {
        kernels = hg_kernel_sets[s];
        failures += _cmocka_run_group_tests(kernels->instructions, tests, count, NULL, NULL);
    }
    return failures;
}

/** HG_TEST_MAIN for tests of kernels. */
#define HG_KERNEL_TEST_MAIN(tests) HG_TEST_MAIN_RUNNING(run_sets(tests, sizeof(tests) / sizeof *(tests)))

#endif
