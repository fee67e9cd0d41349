/** What hg_train asks of the program that called it, and what it tells it: a library prints nothing of its own
 *  accord. */
#ifndef HG_TRAIN_CALLBACKS_H
#define HG_TRAIN_CALLBACKS_H

#include "train/options.h"
#include <stdarg.h>

/** A run that begins. */
struct hg_run_heading {
    int64_t number, of; /**< which run of how many, from 1 */
    int64_t epochs;     /**< planned */
    const char *metric; /**< its name */
};

/** Where a run stands after an epoch. */
struct hg_run_point {
    int64_t epoch;
    double loss;
    double val;     /**< validation metric of this epoch's evaluation; NaN: there was none */
    double seconds; /**< of this epoch, evaluation apart */
};

/** All but write_options may be NULL, and are called on rank 0 alone, with `context` first. */
struct hg_train_callbacks {
    /** The options as the text that checkpoints and summaries keep, "name: value" per line; newly allocated, the
     *  trainer frees it with hg_mem_free. Called on every rank. */
    hg_status (*write_options)(const struct hg_train_options *options, char **text);
    /** Text for people, as vprintf takes it: lines with their ends. */
    void (*say)(void *context, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
    void (*run_begin)(void *context, const struct hg_run_heading *run);
    void (*run_epoch)(void *context, const struct hg_run_point *point);
    void (*run_end)(void *context); /**< follows the last epoch, also of a run that diverged */
    void *context;
};

#endif
