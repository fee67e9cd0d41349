#include "train/threads.h"

#include "dist/cores.h"
#include "dist/launch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 4096, NOTE_BYTES = 256 };

/* The number of threads in an environment variable, or the first of a list (OpenMP: one number per nesting level); 0
 * when there is none. */
static int64_t from_environment(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    if (text == NULL) return 0;
    const long long value = strtoll(text, &end, 10);
    const bool number = end != text && end[strspn(end, " \t")] == '\0';
    return (number || *end == ',') && value > 0 && value <= MOST_THREADS ? value : 0;
}

hg_status hg_threads_choose(const struct hg_comm *comm, int64_t wanted, int *threads)
{
    struct hg_cores cores;
    HG_TRY(hg_cores_query(comm, &cores));
    if (wanted == 0) wanted = from_environment("OMP_NUM_THREADS");
    if (wanted == 0) wanted = from_environment("SLURM_CPUS_PER_TASK");
    *threads = wanted > 0 ? (int)wanted : hg_cores_share(&cores);
    return HG_OK;
}

hg_status hg_threads_start(const struct hg_comm *comm, int64_t wanted, struct hg_team **team)
{
    struct hg_cores cores;
    int threads = 1;
    *team = NULL;
    HG_TRY(hg_cores_query(comm, &cores));
    HG_TRY(hg_threads_choose(comm, wanted, &threads));
    return hg_agree(comm, hg_team_create(threads, hg_cores_oversubscribed(&cores, threads), team));
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* The note for a rank that its launcher has bound to fewer cores than its share; names the flag of mpirun that
 * changes it. */
static void bound_note(const struct hg_cores *cores, int share, char *text)
{
    snprintf(
        text, NOTE_BYTES,
        "a rank may use %d core%s of its share of %d: give mpirun --bind-to none, or --map-by slot:PE=%d",
        cores->allowed, plural(cores->allowed), share, share);
}

/* The note for ranks that together run more threads than they have cores. */
static void crowd_note(const struct hg_cores *cores, int threads, bool srun, char *text)
{
    const bool granted = cores->quota > 0 && cores->quota < cores->allowed;
    const int share = hg_cores_share(cores), sharers = granted ? cores->ranks : cores->sharers,
              number = granted ? cores->quota : cores->allowed;
    char ranks[64] = "", mend[64] = "fewer ranks are quicker";
    if (sharers > 1) snprintf(ranks, sizeof ranks, "%d ranks x ", sharers);
    if (srun && cores->allowed < threads)
        snprintf(mend, sizeof mend, "give srun --cpus-per-task=%d, or halogat --threads %d", threads, share);
    else if (threads > share)
        snprintf(mend, sizeof mend, "--threads %d is quicker", share);
    snprintf(text, NOTE_BYTES, "%s%d thread%s take turns on %d core%s%s: %s", ranks, threads, plural(threads),
             number, plural(number), granted ? " that a control group grants" : "", mend);
}

/* text [NOTE_BYTES]: the note of this rank; unchanged when nothing is wrong. */
static void make_note(const struct hg_cores *cores, int threads, char *text)
{
    const struct hg_launch launch = hg_launch_read();
    const bool mpirun = getenv("OMPI_COMM_WORLD_SIZE") != NULL;
    const int share = cores->launcher / cores->ranks;
    if (mpirun && cores->sharers == 1 && cores->allowed < share)
        bound_note(cores, share, text);
    else if (hg_cores_oversubscribed(cores, threads))
        crowd_note(cores, threads, launch.launcher != NULL && strcmp(launch.launcher, "srun") == 0, text);
}

hg_status hg_threads_note(const struct hg_comm *comm, int threads, char *text, size_t bytes)
{
    struct hg_cores cores;
    char note[NOTE_BYTES] = "";
    HG_TRY(hg_cores_query(comm, &cores));
    make_note(&cores, threads, note);
    /* all ranks get the note of the lowest rank that has one */
    int64_t first = note[0] != '\0' ? comm->rank : comm->size - 1;
    hg_comm_min_i64(comm, &first, 1);
    hg_comm_bcast(comm, note, sizeof note, (int)first);
    snprintf(text, bytes, "%s", note);
    return HG_OK;
}
