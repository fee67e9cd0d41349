/** Threads that work together on the pieces of a job and wait for each other briefly.
 *
 *  How a thread waits depends on what the team meets. As long as its threads have their cores to themselves they watch for the
 *  next job, which costs least; once one of them notices that it lost its core to others, waiting threads sleep, so that the core
 *  goes to whoever has work to do. Which thread takes which piece is chance: results must not depend on it.
 */
#ifndef HG_BASE_TEAM_H
#define HG_BASE_TEAM_H

#include "base/status.h"
#include "base/types.h"

struct hg_team;

/** One piece of a job, on thread 0 (the caller) .. threads - 1. It must not call hg_team_run. */
typedef void hg_team_fn(void *context, hg_lid piece, int thread);

/** Starts `threads` - 1 threads (threads >= 1), which wait; in their sleep from the start where there are known to be fewer cores
 *  (`crowded`). Where the environment binds OpenMP's threads to places
 *  (OMP_PROC_BIND), they are bound to the places that OpenMP's would have. Fails when there is no memory, or when the system
 *  starts no more threads. Destroy with hg_team_destroy (NULL is allowed). Local. */
hg_status hg_team_create(int threads, bool crowded, struct hg_team **team);
void hg_team_destroy(struct hg_team *team);

/** Calls fn(context, k, thread) once for each k in 0..count, dealt in this order to threads as they become free; returns when
 *  all are done. Local. */
void hg_team_run(struct hg_team *team, hg_lid count, hg_team_fn *fn, void *context);

#endif
