/** Activations, in one list.
 *
 *  To add one, add a line to the list and its two functions below. The order of the list is the order of the
 *  option's choices. The functions are inlined into every kernel that ends with an activation.
 */
#ifndef HG_KERNELS_ACTIVATION_H
#define HG_KERNELS_ACTIVATION_H

#include "base/types.h"

/** X(NAME, name, ...) for each activation: enumerator HG_NAME, option value "name", functions hg_name and
 *  hg_name_backward. */
#define HG_ACTIVATION_LIST(X, ...)                                                                           \
    X(ELU, elu, __VA_ARGS__) /* with alpha = 1 (Clevert et al. 2016) */                                      \
    X(RELU, relu, __VA_ARGS__)                                                                               \
    X(IDENTITY, none, __VA_ARGS__)                                                                           \
    X(SILU, silu, __VA_ARGS__) /* T / (1 + exp(-T)) (Elfwing et al. 2018) */

#define HG_ACTIVATION_NAMED(NAME, name, ...) HG_##NAME,
enum hg_activation { HG_ACTIVATION_LIST(HG_ACTIVATION_NAMED, ) HG_ACTIVATIONS };
#undef HG_ACTIVATION_NAMED

/* In kernels only: act and its derivative. */
#ifdef HG_SET

#include "kernels/exp.h"
#include "kernels/head_layout.h"

/* Y = act(T). NaN stays NaN, because divergence must reach the loss. */
HG_INLINE hg_real hg_elu(hg_real t)
{
    return t > 0 ? t : hg_expm1(t > 0 ? 0 : t);
}

HG_INLINE hg_real hg_relu(hg_real t)
{
    return t < 0 ? 0 : t;
}

HG_INLINE hg_real hg_none(hg_real t)
{
    return t;
}

HG_INLINE hg_real hg_sigmoid(hg_real t)
{
    const hg_real small = hg_exp(t > 0 ? -t : t); /* at most 1 */
    return (t > 0 ? 1 : small) / (1 + small);
}

HG_INLINE hg_real hg_silu(hg_real t)
{
    return t * hg_sigmoid(t);
}

/* dL/dT = act'(T) dY. For ELU, act'(T) = exp(T) = Y + 1 where T <= 0. */
HG_INLINE hg_real hg_elu_backward(hg_real dy, hg_real t)
{
    const hg_real y = hg_elu(t);
    return y > 0 ? dy : dy * (y + 1);
}

HG_INLINE hg_real hg_relu_backward(hg_real dy, hg_real t)
{
    return hg_relu(t) > 0 ? dy : 0;
}

HG_INLINE hg_real hg_none_backward(hg_real dy, hg_real t)
{
    (void)t;
    return dy;
}

/* act'(T) = s + T s (1 - s) with s = sigmoid(T) */
HG_INLINE hg_real hg_silu_backward(hg_real dy, hg_real t)
{
    const hg_real s = hg_sigmoid(t);
    return dy * (s * (1 + t * (1 - s)));
}

#endif

#endif
