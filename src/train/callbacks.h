/** Callbacks of hg_train: how it reports progress and results to its caller. The library itself prints nothing. */
#ifndef HG_TRAIN_CALLBACKS_H
#define HG_TRAIN_CALLBACKS_H

#include "train/options.h"
#include <stdarg.h>

/** Facts about a run that begins. */
struct hg_run_heading {
    int64_t number, of; /**< number of the run, from 1, and of how many */
    int64_t epochs;     /**< planned number of epochs */
    int64_t done;       /**< epochs that were done before, when the run is resumed */
    const char *metric; /**< name of the metric */
};

/** Progress of a run after an epoch. */
struct hg_run_point {
    int64_t epoch;
    double loss;
    double val;     /**< validation metric; NaN: not evaluated in this epoch */
    double seconds; /**< of this epoch, without evaluation */
};

/** All but write_options and compare_options may be NULL; they are called on rank 0 only, with `context` as first
 *  argument. */
struct hg_train_callbacks {
    /** Converts the options to the text that checkpoints and summaries keep, one "name: value" per line. *text is
     *  newly allocated; hg_train frees it with hg_mem_free. Called on every rank. */
    hg_status (*write_options)(const struct hg_train_options *options, char **text);
    /** Fails, naming the difference, when the text that write_options has made for an earlier process of the run
     *  (`what`: the file that keeps it) says something else than `options`, except for options that may change when a
     *  run is resumed. Called on rank 0. */
    hg_status (*compare_options)(const struct hg_train_options *options, const char *what, const char *text);
    /** Fails when the training cannot fit in memory: called before the graph is read, unless there is nothing to train.
     *  Called on every rank. Collective. */
    hg_status (*fits)(const struct hg_comm *comm, const struct hg_train_options *options);
    /** A line, without line end, about something that is wrong but can be helped: a damaged checkpoint. */
    void (*warn)(void *context, const char *line);
    /** Text for people, with line ends; arguments as for vprintf. */
    void (*say)(void *context, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
    void (*run_begin)(void *context, const struct hg_run_heading *run);
    void (*run_epoch)(void *context, const struct hg_run_point *point);
    void (*run_end)(void *context); /**< called after the last epoch, also of a run that diverged */
    void *context;
};

#endif
