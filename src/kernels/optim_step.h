/** One optimizer step for a vector of n parameters (the methods: nn/optim.h). */
#ifndef HG_KERNELS_OPTIM_STEP_H
#define HG_KERNELS_OPTIM_STEP_H

#include "base/types.h"

/** The constants of Adam step t. beta1 and beta2 are the decay rates of the moments; rest1 and rest2 are 1 -
 *  beta. */
struct hg_adam_step {
    hg_real beta1, beta2, rest1, rest2;
    hg_real rate; /**< lr / (1 - beta1^t) */
    hg_real root; /**< sqrt(1 - beta2^t) */
    hg_real epsilon;
    hg_real l2;     /**< L2 penalty: l2 times the value is added to the gradient */
    hg_real shrink; /**< factor of the value before the step (decoupled weight decay) */
};

/** g = grad + l2 value;  m = beta1 m + rest1 g;  v = beta2 v + rest2 g^2;
 *  value = shrink value - rate m / (sqrt(v) / root + epsilon). Local. */
typedef void hg_adam_fn(const struct hg_adam_step *step, int64_t n, const hg_real *grad, hg_real *m,
                        hg_real *v, hg_real *value);

/** value -= rate (grad + l2 value). Local. */
typedef void hg_sgd_fn(hg_real rate, hg_real l2, int64_t n, const hg_real *grad, hg_real *value);

#endif
