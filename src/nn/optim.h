/** Optimizers. Every rank takes the same step, as its gradients are equal to the others'. */
#ifndef HG_NN_OPTIM_H
#define HG_NN_OPTIM_H

#include "base/status.h"
#include "base/types.h"
#include "kernels/kernels.h"

enum hg_optimizer { HG_ADAM, HG_ADAMW, HG_SGD, HG_OPTIMIZERS };

/** "adam", "adamw", "sgd". */
extern const char *const hg_optimizer_name[HG_OPTIMIZERS];

struct hg_optim_options {
    enum hg_optimizer kind;
    double lr, weight_decay;
};

/** State: step number t, first and second moments [count] (Adam; NULL for SGD). */
struct hg_optim {
    struct hg_optim_options options;
    const struct hg_kernels *kernels;
    int64_t count, step;
    hg_real *m, *v;
};

/** State for `count` parameters, zeroed. Destroy frees. Local. */
hg_status hg_optim_create(struct hg_optim *optim, const struct hg_optim_options *options,
                          const struct hg_kernels *kernels, int64_t count);
void hg_optim_destroy(struct hg_optim *optim);

/** One step: value -= lr * direction(grad), as torch.optim with default betas (0.9, 0.999) and eps 1e-8.
 *
 *  adam   g += weight_decay * value (L2), then Adam (Kingma & Ba, ICLR 2015)
 *  adamw  value *= 1 - lr * weight_decay, then Adam (Loshchilov & Hutter, ICLR 2019)
 *  sgd    value -= lr * (g + weight_decay * value)
 *  Local; allocates nothing. */
void hg_optim_step(struct hg_optim *optim, const hg_real *grad, hg_real *value);

#endif
