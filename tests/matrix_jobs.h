/** Many runs of cases in one program: ranks are divided into groups, which run at the same time, round by round. */
#ifndef HG_TESTS_MATRIX_JOBS_H
#define HG_TESTS_MATRIX_JOBS_H

#include "matrix_compare.h"

/** A run, and the run whose outcome it must reproduce. */
struct matrix_job {
    int number; /**< number of the case in the names of its files */
    const struct matrix_case *c;
    const struct matrix_way *way;
    int reference;                 /**< index of that run among the jobs; the job's own index: none */
    int round, first;              /**< round in which it runs, and the first of its ranks */
    struct matrix_outcome outcome; /**< on rank 0 of all ranks */
    bool differs;                  /**< on rank 0 of all ranks */
};

/* Assigns jobs to rounds: jobs with most ranks first, each to the first round with enough free ranks. Returns the
 * number of rounds. */
static inline int jobs_plan(struct matrix_job *jobs, int count, int size)
{
    int *used = hg_mem_alloc(count, sizeof *used), rounds = 0;
    assert_non_null(used);
    for (int ranks = size; ranks > 0; ranks--)
        for (int k = 0; k < count; k++) {
            if (jobs[k].way->ranks != ranks) continue;
            int round = 0;
            while (used[round] + ranks > size) round++;
            jobs[k].round = round;
            jobs[k].first = used[round];
            used[round] += ranks;
            if (round >= rounds) rounds = round + 1;
        }
    hg_mem_free(used);
    return rounds;
}

/* Sends every job's outcome from its first rank to rank 0 of all ranks. Collective. */
static inline void jobs_gather(struct matrix_job *jobs, int count, int round, struct matrix_outcome *mine)
{
    int64_t counts[64], offset[65] = {0};
    void *all = NULL;
    assert_ok(hg_comm_gather(&hg_test_comm, 1, mine->bytes, (int64_t)mine->count, 0, &all, counts));
    for (int r = 0; r < hg_test_comm.size; r++) offset[r + 1] = offset[r] + counts[r];
    for (int k = 0; all != NULL && k < count; k++) {
        if (jobs[k].round != round) continue;
        struct matrix_outcome *outcome = &jobs[k].outcome;
        outcome->count = (size_t)counts[jobs[k].first];
        outcome->bytes = hg_mem_alloc(counts[jobs[k].first], 1);
        assert_non_null(outcome->bytes);
        memcpy(outcome->bytes, (char *)all + offset[jobs[k].first], outcome->count);
    }
    hg_mem_free(all);
    free(mine->bytes); /* allocated by open_memstream */
}

/* Waits for all ranks without using the processor: ranks that still work need the cores. Collective. */
static inline void jobs_wait(void)
{
    MPI_Request request;
    int done = 0;
    MPI_Ibarrier(hg_test_comm.mpi, &request);
    while (MPI_Test(&request, &done, MPI_STATUS_IGNORE), !done) usleep(200);
}

/* This rank's part of a round. Collective. */
static inline void jobs_round(const char *folder, struct matrix_job *jobs, int count, int round)
{
    const int rank = hg_test_comm.rank;
    int job = -1;
    struct matrix_outcome outcome = {0};
    MPI_Comm group;
    for (int k = 0; k < count; k++)
        if (jobs[k].round == round && rank >= jobs[k].first && rank < jobs[k].first + jobs[k].way->ranks)
            job = k;
    MPI_Comm_split(hg_test_comm.mpi, job >= 0 ? job : MPI_UNDEFINED, rank, &group);
    if (job >= 0) {
        struct hg_comm comm;
        assert_ok(hg_comm_create(group, &comm));
        outcome = matrix_run(&comm, folder, jobs[job].number, jobs[job].c, jobs[job].way, job);
        hg_comm_destroy(&comm);
        MPI_Comm_free(&group);
    }
    jobs_wait();
    jobs_gather(jobs, count, round, &outcome);
}

/* FNV-1a hash (Fowler, Noll, Vo) of an outcome's bytes. */
static inline uint64_t jobs_hash(const struct matrix_outcome *outcome)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t k = 0; k < outcome->count; k++)
        hash = (hash ^ (unsigned char)outcome->bytes[k]) * 0x100000001b3;
    return hash;
}

/* Rank 0: appends a line with the hash of each case to the file that HG_TEST_HASHES names. Equal files before and
 * after a change of the code mean equal bits. */
static inline void jobs_write_hashes(const struct matrix_job *jobs, int count)
{
    const char *path = getenv("HG_TEST_HASHES");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;
    for (int k = 0; file != NULL && k < count; k++) {
        char name[MATRIX_TEXT];
        if (jobs[k].reference != k) continue;
        matrix_describe(jobs[k].c, name);
        fprintf(file, "%016llx %s\n", (unsigned long long)jobs_hash(&jobs[k].outcome), name);
    }
    if (file != NULL) assert_int_equal(fclose(file), 0);
}

/* Rank 0: returns how many outcomes differ from their reference, and reports the first difference of each. */
static inline int jobs_compare(FILE *report, struct matrix_job *jobs, int count)
{
    enum { SHOWN = 20 };
    int differing = 0;
    for (int k = 0; k < count; k++) {
        char *what = NULL, way[MATRIX_TEXT], name[MATRIX_TEXT];
        size_t bytes;
        FILE *text = open_memstream(&what, &bytes);
        const bool differs = matrix_differs(text, jobs[k].outcome, jobs[jobs[k].reference].outcome);
        fclose(text);
        matrix_way_describe(jobs[k].way, way);
        matrix_describe(jobs[k].c, name);
        jobs[k].differs = differs;
        differing += differs;
        if (differs && differing <= SHOWN)
            fprintf(report, "%s\n  differs in the case\n  %s\n%s", way, name, what);
        free(what);
    }
    return differing;
}

/** Runs all jobs and compares their outcomes. Returns the number that differ, on every rank; rank 0 reports them to
 *  `report`. Collective over hg_test_comm. */
static inline int jobs_run(FILE *report, const char *folder, struct matrix_job *jobs, int count)
{
    const int rounds = jobs_plan(jobs, count, hg_test_comm.size);
    int64_t differing = 0;
    for (int round = 0; round < rounds; round++) jobs_round(folder, jobs, count, round);
    if (hg_test_comm.rank == 0) {
        differing = jobs_compare(report, jobs, count);
        jobs_write_hashes(jobs, count);
    }
    for (int k = 0; k < count; k++) HG_FREE(jobs[k].outcome.bytes);
    hg_comm_bcast(&hg_test_comm, &differing, sizeof differing, 0);
    return (int)differing;
}

#endif
