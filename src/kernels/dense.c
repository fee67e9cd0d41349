#include "kernels/dense.h"

#include <cblas.h>
#include <string.h>

void hg_dense_begin(void)
{
    openblas_set_num_threads(1);
}

#ifdef HG_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif

void hg_dense_product(enum hg_transpose which, struct hg_mat a, struct hg_mat b, bool accumulate,
                      struct hg_mat c)
{
    const int64_t inner = which == HG_TRANSPOSE_A ? a.rows : a.cols;
    if (c.rows == 0 || c.cols == 0) return;
    if (inner == 0) {
        for (int64_t r = 0; !accumulate && r < c.rows; r++)
            memset(c.data + r * c.stride, 0, (size_t)c.cols * sizeof *c.data);
        return;
    }
    GEMM(CblasRowMajor, which == HG_TRANSPOSE_A ? CblasTrans : CblasNoTrans,
         which == HG_TRANSPOSE_B ? CblasTrans : CblasNoTrans, (blasint)c.rows, (blasint)c.cols,
         (blasint)inner, 1, a.data, (blasint)a.stride, b.data, (blasint)b.stride, accumulate ? 1 : 0, c.data,
         (blasint)c.stride);
}
