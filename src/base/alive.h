/** Signs of life of the main thread: what it is doing, and how far it has come. A watchdog (cli/guard.h) reads them
 *  from another thread, and ends a job that makes no progress.
 *
 *  The main thread ticks after each piece of work (a cell, a chunk of a file, a collective call). While it waits for
 *  messages, it does not tick: whoever does not send is to blame. All functions are Local; those of the first group
 *  are for the main thread only, and cost about as much as writing a variable. */
#ifndef HG_BASE_ALIVE_H
#define HG_BASE_ALIVE_H

#include <stdbool.h>
#include <stdint.h>

/** A piece of work is done. */
void hg_alive_tick(void);

/** What begins now, static text, and a number that belongs to it ("epoch", 12); number < 0: none. It is a tick. */
void hg_alive_phase(const char *what, int64_t number);

/** How much there is to do in the present phase, and how much of it is done: in `unit` (static text: "bytes",
 *  "edges"), on this rank. A phase begins with a total of 0: not known. It is a tick. */
void hg_alive_total(const char *unit, int64_t total);
void hg_alive_done(int64_t done);

/** Adds to what is done. */
void hg_alive_add(int64_t more);

/** From now on, until it is set to false, nothing is expected: a library works without a sign of life (METIS), here or
 *  on a rank that this one waits for. */
void hg_alive_exempt(bool exempt);

/** Begin and end of waiting for other ranks. The end is a tick. */
void hg_alive_wait_begin(void);
void hg_alive_wait_end(void);

/** Whether the watchdog wants to know for which rank this one waits; then the answer. Called while waiting. */
bool hg_alive_asked(void);
void hg_alive_answer(int rank);

/** What the watchdog sees. */
struct hg_alive {
    uint64_t ticks;
    const char *what; /**< NULL: nothing has been said yet */
    int64_t number;
    uint64_t phases;  /**< how many have begun */
    const char *unit; /**< NULL: the total is not known */
    int64_t total, done;
    bool exempt, waits;
    int waits_for; /**< rank; -1: not known */
};
struct hg_alive hg_alive_read(void);

/** Asks for which rank the main thread waits. */
void hg_alive_ask(void);

#endif
