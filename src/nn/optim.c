#include "nn/optim.h"

#include "base/mem.h"
#include <math.h>

const char *const hg_optimizer_name[HG_OPTIMIZERS] = {"adam", "adamw", "sgd"};

static const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;

hg_status hg_optim_create(struct hg_optim *optim, const struct hg_optim_options *options, int64_t count)
{
    *optim = (struct hg_optim){.options = *options, .count = count};
    if (options->kind == HG_SGD) return HG_OK;
    HG_TRY(HG_NEW(optim->m, count));
    return HG_NEW(optim->v, count);
}

void hg_optim_destroy(struct hg_optim *optim)
{
    HG_FREE(optim->m);
    HG_FREE(optim->v);
}

/* The Adam update of every parameter; l2 is added to the gradient, shrink multiplies the value first. */
static void adam(struct hg_optim *optim, const hg_real *restrict grad, hg_real *restrict value, hg_real l2,
                 hg_real shrink)
{
    const double t = (double)optim->step;
    const hg_real b1 = (hg_real)beta1, b2 = (hg_real)beta2, c1 = (hg_real)(1 - beta1),
                  c2 = (hg_real)(1 - beta2);
    const hg_real rate = (hg_real)(optim->options.lr / (1 - pow(beta1, t)));
    const hg_real root = (hg_real)sqrt(1 - pow(beta2, t)), eps = (hg_real)epsilon;
    hg_real *restrict m = optim->m, *restrict v = optim->v;
    for (int64_t k = 0; k < optim->count; k++) {
        const hg_real g = grad[k] + l2 * value[k];
        m[k] = b1 * m[k] + c1 * g;
        v[k] = b2 * v[k] + c2 * g * g;
#ifdef HG_DOUBLE
        const hg_real size = sqrt(v[k]);
#else
        const hg_real size = sqrtf(v[k]);
#endif
        value[k] = shrink * value[k] - rate * m[k] / (size / root + eps);
    }
}

static void sgd(struct hg_optim *optim, const hg_real *restrict grad, hg_real *restrict value)
{
    const hg_real rate = (hg_real)optim->options.lr, l2 = (hg_real)optim->options.weight_decay;
    for (int64_t k = 0; k < optim->count; k++) value[k] -= rate * (grad[k] + l2 * value[k]);
}

void hg_optim_step(struct hg_optim *optim, const hg_real *grad, hg_real *value)
{
    const double lr = optim->options.lr, decay = optim->options.weight_decay;
    optim->step++;
    switch (optim->options.kind) {
    case HG_ADAMW:
        adam(optim, grad, value, 0, (hg_real)(1 - lr * decay));
        break;
    case HG_SGD:
        sgd(optim, grad, value);
        break;
    default:
        adam(optim, grad, value, (hg_real)decay, 1);
    }
}
