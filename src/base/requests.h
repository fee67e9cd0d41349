/** Requests to a training from outside it: write a checkpoint, or stop. A signal handler or another thread makes them;
 *  the training looks at them once per epoch. They stay until they are taken. All functions are Local. */
#ifndef HG_BASE_REQUESTS_H
#define HG_BASE_REQUESTS_H

#include <stdint.h>

/** Bits of a set of requests. */
enum hg_request {
    HG_REQUEST_CHECKPOINT = 1, /**< write a checkpoint after the running epoch, and go on */
    HG_REQUEST_STOP = 2,       /**< write one after the running epoch, and stop */
    HG_REQUEST_LEAVE = 4,      /**< stop without writing: the folder belongs to another training */
    HG_REQUEST_BEST = 8        /**< write the best parameters: made by the training itself */
};
enum { HG_REQUESTS = 4 /**< number of bits */ };

/** What a training does, for a program that must end soon after a request to stop. */
enum hg_attention {
    HG_UNATTENDED, /**< set-up, or epochs that take too long: nothing is gained by waiting */
    HG_ATTENDED,   /**< requests are looked at soon */
    HG_WRITING     /**< a checkpoint is being written */
};

/** Adds a request. `why`: static text, such as "SIGTERM"; that of the first stop is kept. May be called by signal
 *  handlers and by any thread. */
void hg_request(enum hg_request what, const char *why);

/** The requests that were made and not taken, a set of bits. */
unsigned hg_requests(void);

/** Why the training must stop; "" when no request has said so. */
const char *hg_requests_why(void);

/** Says what the training does, and the epoch of its newest checkpoint (0: none). */
void hg_requests_attend(enum hg_attention attention, int64_t kept);

/** What was said last. */
enum hg_attention hg_requests_attention(int64_t *kept);

/** Removes requests. Those to stop are removed by a caller that starts another training. */
void hg_requests_take(unsigned which);

#endif
