#include "kernels/kernels.h"

#include <math.h>

void HG_KERNEL(adam)(const struct hg_adam_step *step, int64_t n, const hg_real *restrict grad,
                     hg_real *restrict m, hg_real *restrict v, hg_real *restrict value)
{
    const struct hg_adam_step s = *step;
    for (int64_t k = 0; k < n; k++) {
        const hg_real g = grad[k] + s.l2 * value[k];
        m[k] = s.beta1 * m[k] + s.rest1 * g;
        v[k] = s.beta2 * v[k] + s.rest2 * g * g;
#ifdef HG_DOUBLE
        const hg_real size = sqrt(v[k]);
#else
        const hg_real size = sqrtf(v[k]);
#endif
        value[k] = s.shrink * value[k] - s.rate * m[k] / (size / s.root + s.epsilon);
    }
}

void HG_KERNEL(sgd)(hg_real rate, hg_real l2, int64_t n, const hg_real *restrict grad,
                    hg_real *restrict value)
{
    for (int64_t k = 0; k < n; k++) value[k] -= rate * (grad[k] + l2 * value[k]);
}
