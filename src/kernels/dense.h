/** Dense products on one thread: the only home of BLAS.
 *
 *  OpenBLAS runs one thread per call; threads work on different cells. The shape of every call depends on the
 *  cell alone, so its bits do not depend on the number of ranks or threads. Where W has a short side, our own
 *  kernel is quicker (kernels/gemm.h); which of them computes depends on the shape alone, too.
 *
 *  OpenBLAS chooses its own kernels once and for all while it is loaded: those that the environment's
 *  OPENBLAS_CORETYPE names, else by the processor; different kernels give different last digits. So it is
 *  loaded late, when the ranks know which instructions they all have and the program could set the variable
 *  (cli/environment.h).
 */
#ifndef HG_KERNELS_DENSE_H
#define HG_KERNELS_DENSE_H

#include "base/status.h"
#include "base/types.h"
#include "kernels/kernels.h"

/** The BLAS of this process. */
struct hg_blas {
    void (*gemm)(void);   /**< cblas_sgemm, or cblas_dgemm in the double build */
    hg_gemm_fn *own_gemm; /**< the set's own; NULL: none */
    char kernels[32];     /**< what OpenBLAS calls the kernels that it uses: "Haswell" */
};

/** Loads OpenBLAS unless it was loaded before, on one thread for each of `threads` callers, whose buffers it
 *  takes now; fails when there is no room for them. While it is loaded it takes a buffer more for each thread
 *  that OPENBLAS_NUM_THREADS, else the number of processors, asks for. It stays loaded. Local. */
hg_status hg_blas_open(const struct hg_kernels *kernels, int threads, struct hg_blas *blas);

/** C = op(A) op(B), or C += with accumulate. Shapes: op(A) [m, k], op(B) [k, n], C [m, n]. An empty k gives
 *  zeros. Local. */
void hg_dense_product(const struct hg_blas *blas, enum hg_transpose which, struct hg_mat a, struct hg_mat b,
                      bool accumulate, struct hg_mat c);

#endif
