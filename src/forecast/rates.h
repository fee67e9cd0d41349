/** The rates of a machine: how fast it does each part of an epoch. Measured by --measure (forecast/measure.h) and kept
 *  in a small file (docs/formats.md); defaults, which are meant to be too slow rather than too fast, until then.
 */
#ifndef HG_FORECAST_RATES_H
#define HG_FORECAST_RATES_H

#include "base/status.h"
#include "forecast/work.h"

/** Where the rows that edges gather lie, by the size of their table: in the caches of a core, in the last cache or
 *  partly in memory, nearly all in memory. */
enum hg_gather_place { HG_IN_CACHE, HG_IN_MEMORY, HG_IN_LARGE, HG_GATHER_PLACES };

/** Seconds of a thread that an edge takes in one direction: edge + head K + byte B for K heads and rows of B bytes. */
struct hg_gather_rate {
    double edge, head, byte;
    double table; /**< bytes of the table for which it was measured */
};

/** Messages between two ranks: each takes `latency` seconds and its bytes over `bandwidth` bytes/s. */
struct hg_link_rate {
    double latency, bandwidth;
    bool measured;
};

struct hg_rates {
    char instructions[32]; /**< "x86-64-v4" */
    char processor[128];   /**< "AMD EPYC 9654"; "": defaults */
    char measured[32];     /**< day of the measurement; "": defaults */
    int cores;             /**< cores of the machine that were measured, all at the same time */
    struct hg_gather_rate gather[HG_GATHER_PLACES][HG_PASSES];
    double multiply_add; /**< seconds of a thread: of products of matrices */
    double stream;       /**< seconds of a thread per byte of node arrays */
    double sum;          /**< seconds of a thread to add a number to an exact sum */
    double merge;        /**< seconds of a rank per parameter: sums of threads and ranks, rounding */
    double output;       /**< seconds of a thread per number of the output: the loss */
    double step;         /**< seconds of a rank per parameter: the optimizer */
    double layer;        /**< seconds of a layer that depend on nothing: waits of threads for each other */
    struct hg_link_rate within, between; /**< ranks of one node, of several nodes */
};

/** The defaults, for `instructions` and a machine of `cores` cores. Local. */
struct hg_rates hg_rates_default(const char *instructions, int cores);

/** path [bytes]: the file of the rates: $XDG_CACHE_HOME/halogat/rates.json, or ~/.cache/halogat/rates.json. Fails when
 *  neither variable is set. Local. */
hg_status hg_rates_path(char *path, size_t bytes);

/** Reads the rates of this instruction set from a file; *found is false, and the rates are the defaults, when there is
 *  no file or none for the set and the processor. Fails when the file is not one of rates. Local. */
hg_status hg_rates_read(const char *path, const char *instructions, int cores, struct hg_rates *rates,
                        bool *found);

/** Writes the rates to the file, which keeps those of other sets and processors. Makes its folder. Local. */
hg_status hg_rates_write(const char *path, const struct hg_rates *rates);

/** The name of this machine's processor, "" when the system does not say. Local. */
void hg_rates_processor(char name[128]);

#endif
