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
    X(outputs, hg_outputs_fn)                                                                                \
    X(outputs_backward, hg_outputs_backward_fn)                                                              \
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

/** The same for the kernels of attention, which exist once per halo dtype and size of groups. */
#define HG_ATTENTION_KERNEL_LIST(X, ...)                                                                     \
    X(attention_forward, hg_attention_forward_fn, __VA_ARGS__)                                               \
    X(attention_backward, hg_attention_backward_fn, __VA_ARGS__)                                             \
    X(nodes_scores, hg_nodes_scores_fn, __VA_ARGS__)                                                         \
    X(nodes_backward_begin, hg_nodes_backward_begin_fn, __VA_ARGS__)                                         \
    X(nodes_backward_end, hg_nodes_backward_end_fn, __VA_ARGS__)

/** The sizes of groups of heads (kernels/head_groups.h). The sources of these kernels are compiled once per size,
 *  so cmake/kernels.cmake lists the sizes too; there HG_HEADS is the size. */
#define HG_GROUP_SIZE_LIST(X, ...)                                                                           \
    X(1, __VA_ARGS__)                                                                                        \
    X(2, __VA_ARGS__)                                                                                        \
    X(4, __VA_ARGS__)                                                                                        \
    X(8, __VA_ARGS__)

#define HG_GROUP_SIZE(size, ...) HG_GROUP_##size,
enum hg_group_kind { HG_GROUP_SIZE_LIST(HG_GROUP_SIZE, ) HG_GROUP_KINDS };
#undef HG_GROUP_SIZE

#define HG_KERNEL_FIELD(name, type, ...) type *name;

/** The kernels of attention for one halo dtype and one size of groups. */
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
    struct hg_attention_kernels attention[HG_HALO_DTYPES][HG_GROUP_KINDS];
    hg_gemm_fn *gemm; /**< NULL: the set has no GEMM of its own, and uses the BLAS's */
};
#undef HG_KERNEL_FIELD

/** The kind of a group of 1, 2, 4 or 8 heads. */
static inline enum hg_group_kind hg_group_kind(int heads)
{
    return heads == 1 ? HG_GROUP_1 : heads == 2 ? HG_GROUP_2 : heads == 4 ? HG_GROUP_4 : HG_GROUP_8;
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
#define HG_KERNEL_DECLARE(name, type, size) type HG_KERNEL(name##_real_##size), HG_KERNEL(name##_bf16_##size);
#define HG_KERNELS_DECLARE(size, ...) HG_ATTENTION_KERNEL_LIST(HG_KERNEL_DECLARE, size)
HG_GROUP_SIZE_LIST(HG_KERNELS_DECLARE, )
#undef HG_KERNELS_DECLARE
#undef HG_KERNEL_DECLARE
#endif

/* In files that are also compiled per halo dtype, HG_DTYPE is the dtype; also per size of groups, HG_HEADS is the
 * size. */
#ifdef HG_DTYPE
#define HG_DTYPE_KERNEL(name) HG_KERNEL_OF(HG_NAME(name, HG_DTYPE))
#define HG_ATTENTION_KERNEL(name) HG_KERNEL_OF(HG_NAME(HG_NAME(name, HG_DTYPE), HG_HEADS))
#define HG_KERNEL_OF(name) HG_NAME(HG_PREFIXED(name), HG_SET)
#define HG_PREFIXED(name) HG_NAME(hg, name)
#endif

#endif
