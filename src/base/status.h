/** Status codes and the message of the first failure.
 *
 *  A function that may fail returns hg_status, and records "what: why" once, at the place of the failure, by hg_fail.
 *  A function marked *Collective* returns the same status on every rank: it calls hg_agree (dist/comm.h) before it
 *  communicates. The program prints the message once and exits with hg_exit_code. */
#ifndef HG_BASE_STATUS_H
#define HG_BASE_STATUS_H

typedef enum {
    HG_OK = 0,
    HG_FAILED,   /**< files, formats, data: exit 1 */
    HG_NOMEM,    /**< out of memory: exit 1 */
    HG_DIVERGED, /**< a loss or gradient is not finite: exit 1 */
    HG_USAGE,    /**< command line or configuration: exit 2 */
    HG_STOPPED,  /**< stopped on request, after writing a checkpoint: exit 75 */
} hg_status;

/** Records "what: why" (printf format for why) unless a failure is recorded already, and returns `code`.
 *  `what` is the file, option or phase that failed. Local; call it outside parallel regions. */
hg_status hg_fail(hg_status code, const char *what, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/** hg_fail(HG_FAILED, what, ...) with the text of errno, after a system call failed. Local. */
hg_status hg_fail_system(const char *what);

/** The message of the first failure, "" if there is none. Owned by this module, valid until the next call that
 *  changes it. Local. */
const char *hg_status_message(void);

/** Replaces the recorded message: used when ranks agree on one. Local. */
void hg_status_set_message(const char *message);

/** Forgets the recorded failure. For tests. Local. */
void hg_status_clear(void);

/** Names the file that a library (libhdf5) is reading from now on, and until when, for the one line that is printed
 *  when the library crashes on a damaged file (cli/crash.h). `path` is not copied. hg_reading returns it, NULL
 *  between files. Local, for one thread. */
void hg_reading_begin(const char *path);
void hg_reading_end(void);
const char *hg_reading(void);

/** Mark a step of reading that is short for every valid file: on some damaged files libhdf5 loops for ever, and
 *  cli/crash.h ends a step that takes too long. Steps may be nested. hg_reading_step returns a number that is
 *  different for each outermost step, 0 outside. Local, for one thread. */
void hg_reading_step_begin(void);
void hg_reading_step_end(void);
unsigned hg_reading_step(void);

/** Process exit code of a status: 0, 1, 2 or 75. */
int hg_exit_code(hg_status status);

/** Returns from the calling function if `call` fails. */
#define HG_TRY(call)                                                                                         \
    do {                                                                                                     \
        const hg_status hg_try_status = (call);                                                              \
        if (hg_try_status != HG_OK) return hg_try_status;                                                    \
    } while (0)

#endif
