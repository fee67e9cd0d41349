/** The guard: a thread that takes the signals which people and schedulers send to end a process, so that they do not
 *  depend on what the main thread is doing (METIS, for example, has a handler of its own for SIGTERM).
 *
 *  While the program trains: SIGUSR1 requests a checkpoint; SIGTERM, SIGINT and SIGUSR2 request a stop with a
 *  checkpoint (base/requests.h), and when that takes too long, or nothing could be saved, the guard ends the process
 *  with exit code 75. A second SIGINT ends it at once. A watchdog ends a job that makes no progress. With other verbs
 *  the signals end the process, after its unfinished files have been removed. */
#ifndef HG_CLI_GUARD_H
#define HG_CLI_GUARD_H

#include "dist/comm.h"

/** Blocks the signals in this thread and all that it starts, and starts the guard. Called before MPI_Init, which
 *  starts threads. `verb`: of the command line; "": none. Local. */
void hg_guard_begin(const char *verb);

/** From now on, a rank that makes no progress (base/alive.h) for `minutes` (0: for ever) ends the job with exit code 1
 *  and one line that names the rank, its host and what it was doing; a rank that waits for others gives them a quarter
 *  longer to say so themselves, and then names the one that it waits for. Collective. */
hg_status hg_guard_watch(const struct hg_comm *comm, double minutes);

/** A stop is served within so many seconds from now on. Local. */
void hg_guard_stop_within(double seconds);

/** The training has ended, and only the end of the process follows: it is not disturbed any more. Local. */
void hg_guard_end(void);

#endif
