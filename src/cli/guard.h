/** The guard: a thread that takes the signals which people and schedulers send to end a process, so that they do not
 *  depend on what the main thread is doing (METIS, for example, has a handler of its own for SIGTERM).
 *
 *  While a training runs: SIGUSR1 requests a checkpoint; SIGTERM, SIGINT and SIGUSR2 request a stop with a checkpoint
 *  (base/requests.h), and when that takes too long, or nothing could be saved, the guard ends the process with exit
 *  code 75. A second SIGINT ends it at once. A watchdog ends a job that makes no progress. Otherwise the signals end
 *  the process, after its unfinished files have been removed. */
#ifndef HG_CLI_GUARD_H
#define HG_CLI_GUARD_H

#include "dist/comm.h"

/** Blocks the signals in this thread and all that it starts, and starts the guard. Called before MPI_Init, which
 *  starts threads. `verb` is a part of messages; "": none. Local. */
void hg_guard_begin(const char *verb);

/** From now on, a rank that makes no progress (base/alive.h) for `minutes` (0: for ever) ends the job with exit code 1
 *  and one line that names the rank, its host and what it was doing; a rank that waits for others gives them a quarter
 *  longer to say so themselves, and then names the one that it waits for. Collective. */
hg_status hg_guard_watch(const struct hg_comm *comm, double minutes);

/** From now on until hg_guard_end, the signals are requests to a training, and a stop is served within so many
 *  seconds. Local. */
void hg_guard_training(double stop_within);
void hg_guard_end(void);

#endif
