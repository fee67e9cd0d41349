/** Status codes and the message of the first failure.
 *
 *  A function that may fail returns hg_status and records "what: why" once, where it happens, through hg_fail.
 *  A function marked *Collective* returns the same status on every rank: it calls hg_agree (dist/comm.h) before it
 *  communicates. The program prints the message once and exits with hg_exit_code.
 */
#ifndef HG_BASE_STATUS_H
#define HG_BASE_STATUS_H

typedef enum {
    HG_OK = 0,
    HG_FAILED,   /**< files, formats, data: exit 1 */
    HG_NOMEM,    /**< out of memory: exit 1 */
    HG_DIVERGED, /**< a loss or gradient is not finite: exit 1 */
    HG_USAGE,    /**< command line or configuration: exit 2 */
} hg_status;

/** Records "what: why" (printf format for why) unless a failure is recorded already, and returns `code`.
 *  `what` is the file, option or phase that failed. Local; call it outside parallel regions. */
hg_status hg_fail(hg_status code, const char *what, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

/** hg_fail with what errno says, HG_FAILED: after a call of the system failed. Local. */
hg_status hg_fail_system(const char *what);

/** The message of the first failure, "" if none. Owned by the module, valid until hg_status_clear. */
const char *hg_status_message(void);

/** Replaces the recorded message (used when ranks agree on one). */
void hg_status_set_message(const char *message);

/** Forgets the recorded failure (tests). */
void hg_status_clear(void);

/** The file that a library is reading now, NULL: none; for the line that a crash leaves. `path` is not copied. */
void hg_reading_begin(const char *path);
void hg_reading_end(void);
const char *hg_reading(void);

/** Around a step of that which takes no time in a sound file: libraries look for ever in some damaged ones. Steps may lie in each other.
 *  hg_reading_step: a number that is another one in each step, 0 outside. Local, for one thread. */
void hg_reading_step_begin(void);
void hg_reading_step_end(void);
unsigned hg_reading_step(void);

/** Process exit code of a status: 0, 1 or 2 (contract). */
int hg_exit_code(hg_status status);

/** Returns from the calling function if `call` fails. */
#define HG_TRY(call)                                                                                         \
    do {                                                                                                     \
        const hg_status hg_try_status = (call);                                                              \
        if (hg_try_status != HG_OK) return hg_try_status;                                                    \
    } while (0)

#endif
