/** Dense products, by OpenBLAS or by our own GEMM (kernels/gemm.h). No other file calls the BLAS.
 *
 *  A call runs on one thread; threads work on different cells. The shape of every call depends on the cell
 *  alone, so its bits do not depend on the number of ranks or threads. Our own GEMM is faster where W has a
 *  short side; the choice between the two depends on the shape alone.
 *
 *  OpenBLAS chooses its kernels when it is loaded: those named by OPENBLAS_CORETYPE in the environment, else by
 *  the processor. Different kernels give different last digits. So OpenBLAS is loaded at run time, after the
 *  ranks have agreed on an instruction set and the program has set the variable (cli/environment.h).
 */
#ifndef HG_KERNELS_DENSE_H
#define HG_KERNELS_DENSE_H

#include "base/status.h"
#include "base/types.h"
#include "kernels/kernels.h"

/** The BLAS of this process. */
struct hg_blas {
    void (*gemm)(void);   /**< cblas_sgemm, or cblas_dgemm in the double build */
    hg_gemm_fn *own_gemm; /**< our GEMM for the instruction set; NULL: it has none */
    char kernels[32];     /**< OpenBLAS's name for the kernels that it uses: "Haswell" */
};

/** Loads OpenBLAS, unless it is loaded, and sets it to one thread per call. Lets it allocate buffers for
 *  `threads` callers; fails if the address space is too small for them. When it is loaded, OpenBLAS also
 *  allocates a buffer for each thread of OPENBLAS_NUM_THREADS, or for each processor if that is not set. It
 *  stays loaded until the process ends. Local. */
hg_status hg_blas_open(const struct hg_kernels *kernels, int threads, struct hg_blas *blas);

/** C = op(A) op(B), or C += with `accumulate`. Shapes: op(A) [m, k], op(B) [k, n], C [m, n]. k = 0 gives zeros.
 *  Local. */
void hg_dense_product(const struct hg_blas *blas, enum hg_transpose which, struct hg_mat a, struct hg_mat b,
                      bool accumulate, struct hg_mat c);

#endif
