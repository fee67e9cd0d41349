/** GEMM for the dense products of a cell: tiles of C in registers, without copies of the tall matrices.
 *
 *  A BLAS first packs (copies) both operands into the order in which it reads them. The products of a cell have
 *  thousands of rows and few columns, so each number of X takes part in few multiplications, and packing it
 *  costs as much as a third of the product. Here only W is packed; X and dZ are read in place. One exception:
 *  the product dW packs dZ if its width is not a multiple of eight.
 */
#ifndef HG_KERNELS_GEMM_H
#define HG_KERNELS_GEMM_H

#include "base/types.h"

/** Which operand of a product is transposed: C = A B, A^T B or A B^T. */
enum hg_transpose { HG_PLAIN, HG_TRANSPOSE_A, HG_TRANSPOSE_B };

/** C = op(A) op(B), or C += with `accumulate`. Shapes: op(A) [m, k], op(B) [k, n], C [m, n]; k > 0. The order
 *  of the sum of an element depends on k alone. Local. */
typedef void hg_gemm_fn(enum hg_transpose which, struct hg_mat a, struct hg_mat b, bool accumulate,
                        struct hg_mat c);

/* In files that are compiled per set: defined if the set has this kernel. */
#if defined __AVX2__ && !defined HG_DOUBLE
#define HG_HAS_GEMM
#endif

#endif
