#include "nn/optim.h"

#include "base/mem.h"
#include <math.h>

const char *const hg_optimizer_name[HG_OPTIMIZERS] = {
    [HG_ADAM] = "adam", [HG_ADAMW] = "adamw", [HG_SGD] = "sgd"};

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

hg_status hg_optim_create(struct hg_optim *optim, const struct hg_optim_options *options,
                          const struct hg_kernels *kernels, int64_t count)
{
    *optim = (struct hg_optim){.options = *options, .kernels = kernels, .count = count};
    if (options->kind == HG_SGD) return HG_OK;
    HG_TRY(HG_NEW(optim->m, count));
    return HG_NEW(optim->v, count);
}

void hg_optim_destroy(struct hg_optim *optim)
{
    HG_FREE(optim->m);
    HG_FREE(optim->v);
}

/* base^n; not pow, whose last digit is the C library's choice on each processor */
static double power(double base, int64_t n)
{
    double result = 1;
    for (; n > 0; n >>= 1, base *= base)
        if (n & 1) result *= base;
    return result;
}

/* The Adam update; l2 is added to the gradient, shrink multiplies the value first. */
static void adam(struct hg_optim *optim, const hg_real *grad, hg_real *value, double l2, double shrink)
{
    const struct hg_adam_step step = {
        .beta1 = (hg_real)beta1,
        .beta2 = (hg_real)beta2,
        .rest1 = (hg_real)(1 - beta1),
        .rest2 = (hg_real)(1 - beta2),
        .rate = (hg_real)(optim->options.lr / (1 - power(beta1, optim->step))),
        .root = (hg_real)sqrt(1 - power(beta2, optim->step)),
        .epsilon = (hg_real)epsilon,
        .l2 = (hg_real)l2,
        .shrink = (hg_real)shrink,
    };
    optim->kernels->adam(&step, optim->count, grad, optim->m, optim->v, value);
}

void hg_optim_step(struct hg_optim *optim, const hg_real *grad, hg_real *value)
{
    const double lr = optim->options.lr, decay = optim->options.weight_decay;
    optim->step++;
    switch (optim->options.kind) {
    case HG_ADAMW:
        adam(optim, grad, value, 0, 1 - lr * decay);
        break;
    case HG_SGD:
        optim->kernels->sgd((hg_real)lr, (hg_real)decay, optim->count, grad, value);
        break;
    default:
        adam(optim, grad, value, decay, 1);
    }
}
