/** The guard: a thread that takes the signals which people and schedulers send to end a process, so that they do not
 *  depend on what the main thread is doing (METIS, for example, has a handler of its own for SIGTERM).
 *
 *  While a training runs: SIGUSR1 requests a checkpoint; SIGTERM, SIGINT and SIGUSR2 request a stop with a checkpoint
 *  (base/requests.h), and when that takes too long, or nothing could be saved, the guard ends the process with exit
 *  code 75. A second SIGINT ends it at once. Otherwise the signals end the process, after its unfinished files have
 *  been removed. */
#ifndef HG_CLI_GUARD_H
#define HG_CLI_GUARD_H

/** Blocks the signals in this thread and all that it starts, and starts the guard. Called before MPI_Init, which
 *  starts threads. `verb` is a part of messages; "": none. Local. */
void hg_guard_begin(const char *verb);

/** From now on until hg_guard_end, the signals are requests to a training, and a stop is served within so many
 *  seconds. Local. */
void hg_guard_training(double stop_within);
void hg_guard_end(void);

#endif
