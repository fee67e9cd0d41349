/** A team of threads that works on the pieces of a job.
 *
 *  A thread that waits for the next job spins as long as the threads have their cores to themselves, because that
 *  reacts fastest. Once a thread notices that other processes use its core, waiting threads sleep instead, so that
 *  the core goes to whoever has work to do. Which thread takes which piece is not determined: results must not depend
 *  on it. */
#ifndef HG_BASE_TEAM_H
#define HG_BASE_TEAM_H

#include "base/status.h"
#include "base/types.h"

struct hg_team;

/** Works on one piece of a job, on thread `thread`: 0 (the caller) .. threads - 1. It must not call hg_team_run. */
typedef void hg_team_fn(void *context, hg_lid piece, int thread);

/** Starts `threads` - 1 threads (threads >= 1), which wait for jobs. With `oversubscribed` (there are known to be
 *  fewer cores than threads) waiting threads always sleep. Where the environment binds OpenMP's threads
 *  (OMP_PROC_BIND), the threads get the same affinity masks. Fails when there is no memory, or when the system starts
 *  no more threads. Destroy with hg_team_destroy (NULL is allowed). Local. */
hg_status hg_team_create(int threads, bool oversubscribed, struct hg_team **team);
void hg_team_destroy(struct hg_team *team);

/** Calls fn(context, k, thread) once for each k in 0..count. Threads take the pieces in ascending order as they
 *  become free; returns when all are done. Without a team (NULL), the caller works alone. Local. */
void hg_team_run(struct hg_team *team, hg_lid count, hg_team_fn *fn, void *context);

#endif
