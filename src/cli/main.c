/* halogat VERB ...: every rank reads the same command line, rank 0 prints, and all ranks exit with the same code. */
#include "base/mem.h"
#include "base/printable.h"
#include "cli/agreement.h"
#include "cli/crash.h"
#include "cli/environment.h"
#include "cli/guard.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/usage.h"
#include "cli/verbs.h"
#include "dist/launch.h"
#include <stdio.h>
#include <string.h>

static hg_status dispatch(const struct hg_comm *comm, int argc, char **argv)
{
    enum hg_verb verb;
    const char *nearest = NULL;
    const bool version = argc == 3 && strcmp(argv[2], "--version") == 0;
    if (version) argc--, argv++;
    HG_TRY(hg_agree_on_program(comm, argc, argv));
    if (argc < 2 || !hg_verb_parse(argv[1], &verb, &nearest)) return hg_usage(comm, argc, argv);
    return hg_verb_run(comm, verb, argc - 1, argv + 1);
}

enum { MESSAGE_BYTES = 1024 /* size of the longest hg_status_message */ };

/* The verb of the command line; "": there is none. */
static const char *verb_of(int argc, char **argv)
{
    enum hg_verb verb;
    const char *nearest = NULL;
    return argc > 1 && hg_verb_parse(argv[1], &verb, &nearest) ? argv[1] : "";
}

static void print_failure(int argc, char **argv)
{
    const char *verb = verb_of(argc, argv);
    char shown[HG_PRINTABLE_GROWTH * MESSAGE_BYTES];
    fprintf(stderr, "halogat%s%s: %s\n", verb[0] != '\0' ? " " : "", verb,
            hg_printed(hg_status_message(), shown, sizeof shown));
}

/* Returns the exit code of a task that this MPI cannot connect with the other tasks; task 0 prints the message. */
static int refuse(const struct hg_launch *launch, int argc, char **argv)
{
    const hg_status status = hg_launch_check(launch, 1);
    if (launch->task == 0) print_failure(argc, argv);
    return hg_exit_code(status);
}

int main(int argc, char **argv)
{
    struct hg_comm comm;
    const struct hg_launch launch = hg_launch_read();
    hg_results_begin();
    if (hg_launch_unconnected(&launch) && launch.tasks > 1) return refuse(&launch, argc, argv);
    hg_signals_begin();
    hg_guard_begin(verb_of(argc, argv));
    hg_environment_prepare(&launch);
    hg_mpi_begin(&argc, &argv);
    hg_crash_begin(verb_of(argc, argv));
    hg_status status = hg_comm_create(MPI_COMM_WORLD, &comm);
    if (status == HG_OK) hg_comm_find_hosts(&comm);
    if (status == HG_OK) status = hg_launch_check(&launch, comm.size);
    if (status == HG_OK) status = dispatch(&comm, argc, argv);
    if (status == HG_OK) status = hg_results_end();
    status = hg_agree(&comm, status);
    const bool first = hg_launch_singleton(&launch, comm.size) ? launch.task == 0 : comm.rank == 0;
    if (status != HG_OK && first) print_failure(argc, argv);
    hg_comm_destroy(&comm);
    hg_mpi_end();
    return hg_exit_code(status);
}
