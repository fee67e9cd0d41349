/** All kernels of one instruction set, and the sets that this program holds.
 *
 *  The files of this folder are compiled once per instruction set, from the same source (cmake/kernels.cmake has the sets). They define
 *  kernels as HG_KERNEL(name), which stands for a symbol of the set at hand; what a kernel does is said at its type. Everybody
 *  else calls through a struct hg_kernels, which the ranks choose together (nn/backend.h).
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

#define HG_LOSS_KERNEL(TASK, name, target, X) X(loss_##name, hg_loss_fn)

/** Every kernel and its type: a new one is named here and nowhere else. */
#define HG_KERNEL_LIST(X)                                                                                    \
    X(attention_join_forward, hg_attention_join_forward_fn)                                                  \
    X(attention_join_backward, hg_attention_join_backward_fn)                                                \
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

/** The same for kernels of rows, of which each type of rows has its own; cmake/kernels.cmake has their files. */
#define HG_ROW_KERNEL_LIST(X)                                                                                \
    X(attention_forward, hg_attention_forward_fn)                                                            \
    X(attention_alpha, hg_attention_alpha_fn)                                                                \
    X(attention_backward, hg_attention_backward_fn)                                                          \
    X(rows_keep, hg_rows_keep_fn)                                                                            \
    X(nodes_scores, hg_nodes_scores_fn)                                                                      \
    X(nodes_output, hg_nodes_output_fn)                                                                      \
    X(nodes_open, hg_nodes_open_fn)                                                                          \
    X(nodes_close, hg_nodes_close_fn)

#define HG_KERNEL_FIELD(name, type) type *name;

/** The kernels of one type of rows. */
struct hg_row_kernels {
    HG_ROW_KERNEL_LIST(HG_KERNEL_FIELD)
};

/** The kernels of one instruction set. */
struct hg_kernels {
    const char *instructions; /**< "x86-64-v3" */
    const char *blas; /**< the BLAS's kernels that go with it, by OpenBLAS's name; "": its own choice */
    HG_KERNEL_LIST(HG_KERNEL_FIELD)
    struct hg_row_kernels rows[HG_HALO_DTYPES];
    hg_gemm_fn *gemm; /**< NULL: the set leaves it to the BLAS */
};
#undef HG_KERNEL_FIELD

/** The sets that this program holds, from lowest to highest; a processor that runs one runs those before it. */
extern const struct hg_kernels *const hg_kernel_sets[];
extern const int hg_num_kernel_sets;

/** Place of the highest set that this processor runs. Local. */
int hg_kernels_highest(void);

/** Place of the set of that name; -1: none. Local. */
int hg_kernels_find(const char *name);

/* In a file that is compiled per set: HG_SET names the set at hand. */
#ifdef HG_SET
#define HG_KERNEL_JOIN(name, set) hg_##name##_##set
#define HG_KERNEL_OF(name, set) HG_KERNEL_JOIN(name, set)
#define HG_KERNEL(name) HG_KERNEL_OF(name, HG_SET)
#define HG_KERNEL_DECLARE(name, type) type HG_KERNEL(name);
HG_KERNEL_LIST(HG_KERNEL_DECLARE)
#undef HG_KERNEL_DECLARE
hg_gemm_fn HG_KERNEL(gemm);
#define HG_KERNEL_DECLARE(name, type) type HG_KERNEL(name##_real), HG_KERNEL(name##_bf16);
HG_ROW_KERNEL_LIST(HG_KERNEL_DECLARE)
#undef HG_KERNEL_DECLARE
#endif

/* In a file that is compiled per type of rows, too: HG_ROWS names it. */
#ifdef HG_ROWS
#define HG_ROW_KERNEL_JOIN(name, rows) HG_KERNEL(name##_##rows)
#define HG_ROW_KERNEL_OF(name, rows) HG_ROW_KERNEL_JOIN(name, rows)
#define HG_ROW_KERNEL(name) HG_ROW_KERNEL_OF(name, HG_ROWS)
#endif

#endif
