/** Dense products on one thread: the only home of BLAS.
 *
 *  OpenBLAS runs one thread per call; threads work on different cells. The shape of every call depends on the cell alone,
 *  so its bits do not depend on the number of ranks or threads.
 */
#ifndef HG_KERNELS_DENSE_H
#define HG_KERNELS_DENSE_H

#include "base/types.h"

/** Makes every BLAS call of this process run on one thread. Call once before the first product. Local. */
void hg_dense_begin(void);

/** Which operand of a product is transposed. */
enum hg_transpose { HG_PLAIN, HG_TRANSPOSE_A, HG_TRANSPOSE_B };

/** C = op(A) op(B), or C += with accumulate. Shapes: op(A) [m, k], op(B) [k, n], C [m, n]. An empty k gives zeros. Local. */
void hg_dense_product(enum hg_transpose which, struct hg_mat a, struct hg_mat b, bool accumulate,
                      struct hg_mat c);

#endif
