#include "nn/optim.h"

#include "base/mem.h"
#include <math.h>

#define NAME(NAME, name, moments) #name,
const char *const hg_optimizer_name[HG_OPTIMIZERS] = {HG_OPTIMIZER_LIST(NAME)};

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

/* base^n. Not pow(): its last digit depends on the processor, as the C library chooses among several versions. */
static double power(double base, int64_t n)
{
    double result = 1;
    for (; n > 0; n >>= 1, base *= base)
        if (n & 1) result *= base;
    return result;
}

/* A step of Adam: l2 * value is added to the gradient, and the value is first multiplied by `shrink`. */
static void step_moments(struct hg_optim *optim, const hg_real *grad, hg_real *value, double l2,
                         double shrink)
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
    optim->kernels->adam(&step, optim->count, grad, optim->moment[0], optim->moment[1], value);
}

static void step_adam(struct hg_optim *optim, const hg_real *grad, hg_real *value)
{
    step_moments(optim, grad, value, optim->options.weight_decay, 1);
}

static void step_adamw(struct hg_optim *optim, const hg_real *grad, hg_real *value)
{
    step_moments(optim, grad, value, 0, 1 - optim->options.lr * optim->options.weight_decay);
}

static void step_sgd(struct hg_optim *optim, const hg_real *grad, hg_real *value)
{
    const hg_real lr = (hg_real)optim->options.lr, decay = (hg_real)optim->options.weight_decay;
    optim->kernels->sgd(lr, decay, optim->count, grad, value);
}

#define KIND(NAME, name, moments) {moments, step_##name},
static const struct {
    int moments;
    void (*step)(struct hg_optim *optim, const hg_real *grad, hg_real *value);
} kinds[HG_OPTIMIZERS] = {HG_OPTIMIZER_LIST(KIND)};

hg_status hg_optim_create(struct hg_optim *optim, const struct hg_optim_options *options,
                          const struct hg_kernels *kernels, int64_t count)
{
    *optim = (struct hg_optim){.options = *options, .kernels = kernels, .count = count};
    for (int k = 0; k < kinds[options->kind].moments; k++) HG_TRY(HG_NEW(optim->moment[k], count));
    return HG_OK;
}

void hg_optim_destroy(struct hg_optim *optim)
{
    for (int k = 0; k < HG_MOMENTS; k++) HG_FREE(optim->moment[k]);
}

void hg_optim_step(struct hg_optim *optim, const hg_real *grad, hg_real *value)
{
    optim->step++;
    kinds[optim->options.kind].step(optim, grad, value);
}
