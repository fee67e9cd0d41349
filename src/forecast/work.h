/** The work of a training epoch on one rank: what its time is made of. Read from a model, which may be an imagined one
 *  (forecast/need.h) or a real one (forecast/measure.h). */
#ifndef HG_FORECAST_WORK_H
#define HG_FORECAST_WORK_H

#include "nn/model.h"

enum { HG_FORWARD, HG_BACKWARD, HG_PASSES };

/** One layer in one direction. */
struct hg_pass_work {
    double edges;         /**< edges that are passed over */
    double gathered;      /**< bytes that an edge gathers: a row, as if in float32 */
    double table;         /**< bytes of all rows that are gathered from, the halo's included */
    double multiply_adds; /**< of the products of matrices */
    double streamed;      /**< bytes of arrays of nodes that are read and written in order */
    double sent;          /**< bytes of rows that go to other ranks */
    double messages;      /**< messages that they travel in */
};

struct hg_layer_work {
    double heads;
    struct hg_pass_work pass[HG_PASSES];
    double added;           /**< numbers that are added to exact sums: every parameter in every cell */
    double summed;          /**< sums over threads and ranks: parameters */
    double sums, sums_sent; /**< messages and bytes of the sums of gradients */
};

struct hg_work {
    int layers, threads;
    struct hg_layer_work layer[HG_MODEL_LAYERS];
    double outputs;    /**< numbers in the output, of which the loss is computed */
    double parameters; /**< that the optimizer steps */
};

/** The work of the training passes of a model, over the subgraphs that it was restricted to. Local. */
void hg_work_of(const struct hg_model *model, struct hg_work *work);

/** Bytes and messages that the rank sends in an epoch: rows, and sums of gradients. Local. */
int64_t hg_work_bytes(const struct hg_work *work);
int64_t hg_work_messages(const struct hg_work *work);

#endif
