/** Optimizers, in one table. Every rank takes the same step, as gradients are equal on every rank.
 *
 *  To add one: a line in the list, which is also the order of the option's choices, and its function in optim.c. */
#ifndef HG_NN_OPTIM_H
#define HG_NN_OPTIM_H

#include "base/status.h"
#include "base/types.h"
#include "kernels/kernels.h"

/** X(NAME, name, moments) for each optimizer: enumerator HG_NAME, option value "name", function step_name in optim.c,
 *  and the number of moment vectors that it keeps.
 *
 *      adam   g += weight_decay * value (L2), then Adam (Kingma & Ba, ICLR 2015)
 *      adamw  value *= 1 - lr * weight_decay, then Adam (Loshchilov & Hutter, ICLR 2019)
 *      sgd    value -= lr * (g + weight_decay * value) */
#define HG_OPTIMIZER_LIST(X)                                                                                 \
    X(ADAM, adam, 2)                                                                                         \
    X(ADAMW, adamw, 2)                                                                                       \
    X(SGD, sgd, 0)

#define HG_OPTIMIZER_NAMED(NAME, name, moments) HG_##NAME,
enum hg_optimizer { HG_OPTIMIZER_LIST(HG_OPTIMIZER_NAMED) HG_OPTIMIZERS };
#undef HG_OPTIMIZER_NAMED

enum { HG_MOMENTS = 2 /**< the largest number of moments of an optimizer */ };

extern const char *const hg_optimizer_name[HG_OPTIMIZERS];

struct hg_optim_options {
    enum hg_optimizer kind;
    double lr, weight_decay;
};

/** State of an optimizer: number of the step and moments [count] each; a moment that it does not use is NULL. */
struct hg_optim {
    struct hg_optim_options options;
    const struct hg_kernels *kernels;
    int64_t count, step;
    hg_real *moment[HG_MOMENTS];
};

/** Creates the state for `count` parameters, zeroed. hg_optim_destroy frees it. Local. */
hg_status hg_optim_create(struct hg_optim *optim, const struct hg_optim_options *options,
                          const struct hg_kernels *kernels, int64_t count);
void hg_optim_destroy(struct hg_optim *optim);

/** One step, as in torch.optim with the default betas (0.9, 0.999) and eps 1e-8: updates value [count] from grad
 *  [count]. Allocates nothing. Local. */
void hg_optim_step(struct hg_optim *optim, const hg_real *grad, hg_real *value);

#endif
