/** What all unit tests share: cmocka inside MPI. */
#ifndef HG_TESTS_TESTING_H
#define HG_TESTS_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/status.h"
#include "cli/environment.h"
#include "dist/comm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** The communicator of the test program, made by HG_TEST_MAIN. */
extern struct hg_comm hg_test_comm;

/** Asserts that `call` returns HG_OK; prints the recorded failure otherwise. */
#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        const hg_status assert_ok_status = (call);                                                           \
        if (assert_ok_status != HG_OK) fail_msg("%s: %s", #call, hg_status_message());                       \
    } while (0)

/** Asserts that `call` fails with a message that contains `part`, and clears the failure. */
#define assert_fails(call, part)                                                                             \
    do {                                                                                                     \
        assert_int_not_equal((call), HG_OK);                                                                 \
        if (strstr(hg_status_message(), (part)) == NULL)                                                     \
            fail_msg("\"%s\" is not in \"%s\"", part, hg_status_message());                                  \
        hg_status_clear();                                                                                   \
    } while (0)

/** The body of a test's main. It starts MPI, chooses OpenBLAS's kernels as the program does, fails unless the number
 *  of ranks equals the environment's HG_TEST_RANKS (when set), runs the group, checks that no memory block is left,
 *  and ends MPI. The exit code is non-zero on every rank when any rank failed. */
#define HG_TEST_MAIN(tests) HG_TEST_MAIN_RUNNING(cmocka_run_group_tests(tests, NULL, NULL))

/** HG_TEST_MAIN with `run`, an expression for the number of failed tests. */
#define HG_TEST_MAIN_RUNNING(run)                                                                            \
    struct hg_comm hg_test_comm;                                                                             \
    int main(int argc, char **argv)                                                                          \
    {                                                                                                        \
        hg_mpi_begin(&argc, &argv);                                                                          \
        if (hg_comm_create(MPI_COMM_WORLD, &hg_test_comm) != HG_OK) return 1;                                \
        hg_environment_choose_blas(&hg_test_comm);                                                           \
        const char *wanted = getenv("HG_TEST_RANKS");                                                        \
        int64_t failures = wanted != NULL && atoi(wanted) != hg_test_comm.size;                              \
        if (failures) fprintf(stderr, "started on %d ranks, not %s\n", hg_test_comm.size, wanted);           \
        failures += (run);                                                                                   \
        /* other ranks may be waiting for a rank that failed in the middle of a collective call */           \
        if (failures) hg_abort("test", "failed on a rank");                                                  \
        if (hg_mem_live() != 0) {                                                                            \
            fprintf(stderr, "%lld blocks alive at the end\n", (long long)hg_mem_live());                     \
            failures++;                                                                                      \
        }                                                                                                    \
        hg_comm_sum_i64(&hg_test_comm, &failures, 1);                                                        \
        hg_comm_destroy(&hg_test_comm);                                                                      \
        hg_mpi_end();                                                                                        \
        return failures != 0;                                                                                \
    }

#endif
