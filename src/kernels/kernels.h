/** The table of kernels for each instruction set.
 *
 *  The files of this folder are compiled once per instruction set, from the same source (cmake/kernels.cmake
 *  lists the sets). They define each kernel as HG_KERNEL(name), a symbol whose name contains the set. What a
 *  kernel does is documented at its type. Other folders call kernels through a struct hg_kernels, which all
 *  ranks choose together (nn/backend.h).
 */
#ifndef HG_KERNELS_KERNELS_H
#define HG_KERNELS_KERNELS_H

#include "kernels/attention.h"
#include "kernels/attention_nodes.h"
#include "kernels/exact.h"
#include "kernels/gemm.h"
#include "kernels/loss.h"
#include "kernels/optim_step.h"
#include "kernels/pointwise.h"
#include "kernels/rng_many.h"
#include "kernels/spmm.h"

/** The kernel of a loss, for HG_KERNEL_LIST. */
#define HG_LOSS_KERNEL(TASK, name, target, X) X(loss_##name, hg_loss_fn)

/** Every kernel and its type. A new kernel is added here, and to no other list. */
#define HG_KERNEL_LIST(X)                                                                                    \
    X(attention_join_forward, hg_attention_join_forward_fn)                                                  \
    X(attention_join_backward, hg_attention_join_backward_fn)                                                \
    X(attention_alpha, hg_attention_alpha_fn)                                                                \
    X(nodes_output, hg_nodes_output_fn)                                                                      \
    X(spmm, hg_spmm_fn)                                                                                      \
    X(spmm_column, hg_spmm_column_fn)                                                                        \
    X(spmm_drop, hg_spmm_drop_fn)                                                                            \
    X(drop_values, hg_drop_values_fn)                                                                        \
    X(drop_rows, hg_drop_rows_fn)                                                                            \
    HG_LOSS_LIST(HG_LOSS_KERNEL, X)                                                                          \
    X(rng_bits_many, hg_rng_bits_many_fn)                                                                    \
    X(exact_add_real, hg_exact_add_real_fn)                                                                  \
    X(exact_add_f64, hg_exact_add_f64_fn)                                                                    \
    X(exact_merge, hg_exact_merge_fn)                                                                        \
    X(exact_round_real, hg_exact_round_real_fn)                                                              \
    X(adam, hg_adam_fn)                                                                                      \
    X(sgd, hg_sgd_fn)

/** The same for the kernels of attention, which exist once per halo dtype and form of heads. */
#define HG_ATTENTION_KERNEL_LIST(X, ...)                                                                     \
    X(attention_forward, hg_attention_forward_fn, __VA_ARGS__)                                               \
    X(attention_backward, hg_attention_backward_fn, __VA_ARGS__)                                             \
    X(nodes_scores, hg_nodes_scores_fn, __VA_ARGS__)                                                         \
    X(nodes_backward_begin, hg_nodes_backward_begin_fn, __VA_ARGS__)                                         \
    X(nodes_backward_end, hg_nodes_backward_end_fn, __VA_ARGS__)

/** The forms of heads (kernels/head_layout.h). The sources of these kernels are compiled once per form, so
 *  cmake/kernels.cmake lists the forms too. */
#define HG_HEAD_FORM_LIST(X, ...)                                                                            \
    X(1, __VA_ARGS__)                                                                                        \
    X(2, __VA_ARGS__)                                                                                        \
    X(4, __VA_ARGS__)                                                                                        \
    X(8, __VA_ARGS__)                                                                                        \
    X(compact, __VA_ARGS__) /* 3, 5, 6, 7 */                                                                 \
    X(many, __VA_ARGS__)    /* more than 8 */

#define HG_HEAD_FORM(form, ...) HG_HEAD_FORM_##form,
enum hg_head_form { HG_HEAD_FORM_LIST(HG_HEAD_FORM, ) HG_HEAD_FORMS };
#undef HG_HEAD_FORM

#define HG_KERNEL_FIELD(name, type, ...) type *name;

/** The kernels of attention for one halo dtype and one form of heads. */
struct hg_attention_kernels {
    HG_ATTENTION_KERNEL_LIST(HG_KERNEL_FIELD, )
};

/** The kernels of one instruction set. */
struct hg_kernels {
    const char *instructions; /**< "x86-64-v3" */
    /** OpenBLAS's name for its kernels of this set; "": OpenBLAS chooses by the processor */
    const char *blas;
    HG_KERNEL_LIST(HG_KERNEL_FIELD)
    hg_rows_store_fn *rows_store[HG_HALO_DTYPES];
    struct hg_attention_kernels attention[HG_HALO_DTYPES][HG_HEAD_FORMS];
    hg_gemm_fn *gemm; /**< NULL: the set has no GEMM of its own, and uses the BLAS's */
};
#undef HG_KERNEL_FIELD

/** The form of K heads. */
static inline enum hg_head_form hg_head_form(int heads)
{
    static const enum hg_head_form form[] = {HG_HEAD_FORM_many,    HG_HEAD_FORM_1,       HG_HEAD_FORM_2,
                                             HG_HEAD_FORM_compact, HG_HEAD_FORM_4,       HG_HEAD_FORM_compact,
                                             HG_HEAD_FORM_compact, HG_HEAD_FORM_compact, HG_HEAD_FORM_8};
    return heads > 8 ? HG_HEAD_FORM_many : form[heads];
}

/** The sets of this build, from lowest to highest. A processor that runs a set also runs those before it. */
extern const struct hg_kernels *const hg_kernel_sets[];
extern const int hg_num_kernel_sets;

/** Index of the highest set that this processor runs. Local. */
int hg_kernels_highest(void);

/** Index of the set with this name; -1: there is none. Local. */
int hg_kernels_find(const char *name);

/* In files that are compiled per set: HG_SET is the set, and HG_KERNEL(name) the symbol of its kernel. */
#ifdef HG_SET
#define HG_NAME_JOIN(name, suffix) name##_##suffix
#define HG_NAME(name, suffix) HG_NAME_JOIN(name, suffix)
#define HG_KERNEL(name) HG_NAME(hg_##name, HG_SET)
#define HG_KERNEL_DECLARE(name, type) type HG_KERNEL(name);
HG_KERNEL_LIST(HG_KERNEL_DECLARE)
#undef HG_KERNEL_DECLARE
hg_gemm_fn HG_KERNEL(gemm);
hg_rows_store_fn HG_KERNEL(rows_store_real), HG_KERNEL(rows_store_bf16);
#define HG_KERNEL_DECLARE(name, type, form) type HG_KERNEL(name##_real_##form), HG_KERNEL(name##_bf16_##form);
#define HG_KERNELS_DECLARE(form, ...) HG_ATTENTION_KERNEL_LIST(HG_KERNEL_DECLARE, form)
HG_HEAD_FORM_LIST(HG_KERNELS_DECLARE, )
#undef HG_KERNELS_DECLARE
#undef HG_KERNEL_DECLARE
#endif

/* In files that are also compiled per halo dtype, HG_DTYPE is the dtype; also per form of heads, HG_FORM is the
 * form. */
#ifdef HG_DTYPE
#define HG_DTYPE_KERNEL(name) HG_KERNEL_OF(HG_NAME(name, HG_DTYPE))
#define HG_ATTENTION_KERNEL(name) HG_KERNEL_OF(HG_NAME(HG_NAME(name, HG_DTYPE), HG_FORM))
#define HG_KERNEL_OF(name) HG_NAME(HG_PREFIXED(name), HG_SET)
#define HG_PREFIXED(name) HG_NAME(hg, name)
#endif

#endif
