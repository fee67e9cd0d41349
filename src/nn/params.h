/** Parameters: one flat vector of values, one of gradients, and a table of named tensors in them.
 *
 *  Optimizer, checkpoint and reduction are loops over the flat vectors. Names and shapes on disk are PyTorch
 *  Geometric's. In memory, matrices are transposed, [inputs, outputs], as the products Z = X W read them, and the
 *  numbers of heads are in the order of hg_head_index (kernels/head_groups.h). */
#ifndef HG_NN_PARAMS_H
#define HG_NN_PARAMS_H

#include "base/status.h"
#include "base/types.h"

enum { HG_PARAM_NAME = 96, HG_PARAM_DIMS = 3 };

/** How the layout of a tensor in memory differs from that on disk. A matrix [outputs, inputs] is [inputs, outputs] in
 *  memory when `transposed`. On disk the heads of the outputs (of a tensor that is not a matrix: of its elements) are
 *  outermost; in memory the numbers of these `out_heads` heads, and of the `in_heads` heads of the inputs, are in the
 *  order of hg_head_index. 1: the same as on disk. */
struct hg_layout {
    bool transposed;
    int out_heads, in_heads;
};

/** One tensor. */
struct hg_param {
    char name[HG_PARAM_NAME]; /**< "convs.0.lin.weight" */
    int dims;
    int64_t shape[HG_PARAM_DIMS]; /**< on disk */
    struct hg_layout layout;
    /** initial values are uniform between -init_range and init_range (Glorot); 0: zeros */
    double init_range;
    int64_t offset, count; /**< first element in the flat vectors; number of elements */
};

struct hg_params {
    struct hg_param *list;
    int64_t num, capacity;
    int64_t count;  /**< number of elements of all tensors */
    hg_real *value; /**< [count] */
    hg_real *grad;  /**< [count] gradient of the loss, equal on every rank */
};

/** Adds a tensor, before hg_params_allocate; *index is its index in the list. `like` has its name, dims, shape,
 *  layout and init_range. Local. */
hg_status hg_params_add(struct hg_params *params, const struct hg_param *like, int64_t *index);

/** Allocates value (zeroed) and grad for all tensors that were added. Local. */
hg_status hg_params_allocate(struct hg_params *params);
void hg_params_destroy(struct hg_params *params);

/** Sets the initial values: a function of the seed, the tensor, and the element's index on disk. Local. */
void hg_params_initialise(struct hg_params *params, uint64_t seed);

/** Value or gradient of tensor `index`. Local. */
static inline hg_real *hg_params_value(const struct hg_params *params, int64_t index)
{
    return params->value + params->list[index].offset;
}
static inline hg_real *hg_params_grad(const struct hg_params *params, int64_t index)
{
    return params->grad + params->list[index].offset;
}

/** Copy all tensors between a flat vector in memory's layout and one in the disk's layout. Local. */
void hg_params_to_disk(const struct hg_params *params, const hg_real *memory, hg_real *disk);
void hg_params_from_disk(const struct hg_params *params, const hg_real *disk, hg_real *memory);

#endif
