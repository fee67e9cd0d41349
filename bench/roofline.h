/** Measures the best that this machine can do in each part of an epoch: streaming memory, gathering rows along the
 *  edges of a graph, and multiplying the matrices of its cells. Runs on one rank. Each time is the median of several
 *  passes after one that warms up.
 */
#ifndef HG_BENCH_ROOFLINE_H
#define HG_BENCH_ROOFLINE_H

#include "base/team.h"
#include "graph/shard.h"
#include "nn/backend.h"
#include <argp.h>

enum {
    HG_ROOF_ROUNDS = 99, /**< most passes of one measurement */
    HG_ROOF_LIST = 16,   /**< most entries of a list on the command line */
};

/** What all measurements share. */
struct hg_roof {
    const struct hg_shard *shard;
    struct hg_backend backend;
    struct hg_team *team; /**< the threads that run the passes, as in an epoch */
    int rounds;           /**< passes per measurement, 1..HG_ROOF_ROUNDS */
};

/** One pass of a measurement, with all threads. */
typedef void hg_roof_pass(void *context);

/** Median of `count` values, which it sorts. Local. */
double hg_roof_median(double *values, int count);

/** Median seconds of a pass. Local. */
double hg_roof_seconds(const struct hg_roof *roof, hg_roof_pass *pass, void *context);

/** Fills n numbers with values in [-1/2, 1/2). Local. */
void hg_roof_fill(hg_real *values, int64_t n);

/** Median seconds of the triad a = b + s c over three arrays of n numbers. Local. */
hg_status hg_roof_triad(const struct hg_roof *roof, int64_t n, double *seconds);

/** A bare gather: for every target, the sum of the rows of its sources. */
struct hg_roof_gather {
    const struct hg_roof *roof;
    int64_t width; /**< a multiple of HG_LANES */
    int64_t ahead; /**< edges between the prefetch of a row and its sum; 0: no prefetch */
    hg_real *rows; /**< [owned, width] */
    hg_real *sums; /**< [owned, width] */
};

/** Creates a gather without prefetch. Destroy also after a failure. Local. */
hg_status hg_roof_gather_create(const struct hg_roof *roof, int64_t width, struct hg_roof_gather *gather);
void hg_roof_gather_destroy(struct hg_roof_gather *gather);

/** Chooses the best prefetch distance of ahead[count]; returns the median seconds of its passes. Local. */
double hg_roof_gather_tune(struct hg_roof_gather *gather, const int64_t *ahead, int count);

/** Writes all rows, then times one pass: in an epoch, too, the phase before has just written the rows. Local. */
double hg_roof_gather_fresh(struct hg_roof_gather *gather);

/** The three products of a layer, each computed cell by cell. */
enum hg_roof_product {
    HG_ROOF_Z,  /**< Z = X W */
    HG_ROOF_DW, /**< dW = X^T dZ, a partial sum per cell */
    HG_ROOF_DX, /**< dX = dZ W^T */
    HG_ROOF_PRODUCTS
};

/** Median seconds of each product of a layer with weights W [in, out]. Local. */
hg_status hg_roof_products(const struct hg_roof *roof, int64_t in, int64_t out,
                           double seconds[HG_ROOF_PRODUCTS]);

/** Median seconds of one product of [size, size] matrices on each thread at the same time. Local. */
hg_status hg_roof_peak(const struct hg_roof *roof, int64_t size, double *seconds);

/** The measurements of a program. request: its command line. Collective. */
typedef hg_status hg_roof_measure(const struct hg_comm *comm, const void *request);

/** Main function of these programs: reads the command line into `request`, measures, and prints a failure in one
 *  line. */
int hg_roof_main(int argc, char **argv, const struct argp *argp, void *request, hg_roof_measure *measure);

#endif
