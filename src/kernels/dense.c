#include "kernels/dense.h"

#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HG_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

/* What is used of OpenBLAS. */
typedef __typeof__(GEMM) gemm_fn;
typedef __typeof__(openblas_set_num_threads) set_num_threads_fn;
typedef __typeof__(openblas_get_corename) get_corename_fn;

/* OpenBLAS reads the variable in its constructor, and offers no other way. */
static void *load(const char *kernels)
{
    static const char variable[] = "OPENBLAS_CORETYPE";
    const bool choose = kernels[0] != '\0' && getenv(variable) == NULL;
    if (choose) setenv(variable, kernels, 1);
    void *library = dlopen(HG_BLAS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (choose) unsetenv(variable);
    return library;
}

hg_status hg_blas_open(const struct hg_kernels *kernels, struct hg_blas *blas)
{
    void *library = load(kernels->blas);
    if (library == NULL) return hg_fail(HG_FAILED, HG_BLAS_LIBRARY, "%s", dlerror());
    gemm_fn *gemm = (gemm_fn *)dlsym(library, TEXT(GEMM));
    set_num_threads_fn *set_num_threads = (set_num_threads_fn *)dlsym(library, "openblas_set_num_threads");
    get_corename_fn *get_corename = (get_corename_fn *)dlsym(library, "openblas_get_corename");
    if (gemm == NULL || set_num_threads == NULL || get_corename == NULL)
        return hg_fail(HG_FAILED, HG_BLAS_LIBRARY, "is not OpenBLAS: %s", dlerror());
    set_num_threads(1);
    blas->gemm = (void (*)(void))gemm;
    blas->product = kernels->product;
    memset(blas->kernels, 0, sizeof blas->kernels);
    snprintf(blas->kernels, sizeof blas->kernels, "%s", get_corename());
    return HG_OK;
}

/* Measured: with fewer numbers in a sum, or no short side, OpenBLAS is quicker. */
static bool prefer_ours(enum hg_transpose which, int64_t inner, struct hg_mat c)
{
    enum { MIN_INNER = 16, MAX_SHORT = 128 };
    const int64_t other = which == HG_TRANSPOSE_A ? c.rows : inner;
    return inner >= MIN_INNER && hg_min_i64(c.cols, other) <= MAX_SHORT;
}

void hg_dense_product(const struct hg_blas *blas, enum hg_transpose which, struct hg_mat a, struct hg_mat b,
                      bool accumulate, struct hg_mat c)
{
    const int64_t inner = which == HG_TRANSPOSE_A ? a.rows : a.cols;
    if (c.rows == 0 || c.cols == 0) return;
    if (inner == 0) {
        for (int64_t r = 0; !accumulate && r < c.rows; r++)
            memset(c.data + r * c.stride, 0, (size_t)c.cols * sizeof *c.data);
        return;
    }
    if (blas->product != NULL && prefer_ours(which, inner, c)) {
        blas->product(which, a, b, accumulate, c);
        return;
    }
    ((gemm_fn *)blas->gemm)(CblasRowMajor, which == HG_TRANSPOSE_A ? CblasTrans : CblasNoTrans,
                            which == HG_TRANSPOSE_B ? CblasTrans : CblasNoTrans, (blasint)c.rows,
                            (blasint)c.cols, (blasint)inner, 1, a.data, (blasint)a.stride, b.data,
                            (blasint)b.stride, accumulate ? 1 : 0, c.data, (blasint)c.stride);
}
