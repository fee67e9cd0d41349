/** Dense products of a cell: tiles of C in registers, and no copy of the tall matrices.
 *
 *  A BLAS first copies both operands into the order in which it reads them. A cell's products have thousands of
 *  rows and few columns, and each number of X meets so few others that copying it costs as much as a third of
 *  the product. Here only W is copied: X and dZ are read where they lie; dW alone copies a dZ whose width is no
 *  multiple of eight.
 */
#ifndef HG_KERNELS_GEMM_H
#define HG_KERNELS_GEMM_H

#include "base/types.h"

/** Which operand of a product is transposed. */
enum hg_transpose { HG_PLAIN, HG_TRANSPOSE_A, HG_TRANSPOSE_B };

/** C = op(A) op(B), or C += with accumulate. Shapes: op(A) [m, k], op(B) [k, n], C [m, n]; k > 0. Every element
 *  is summed in the same order, which depends on k alone. Local. */
typedef void hg_gemm_fn(enum hg_transpose which, struct hg_mat a, struct hg_mat b, bool accumulate,
                        struct hg_mat c);

/* In a file that is compiled per set: whether the set has this kernel. */
#if defined __AVX2__ && !defined HG_DOUBLE
#define HG_HAS_GEMM
#endif

#endif
