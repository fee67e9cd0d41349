#include "kernels/dense.h"

#include "base/mem.h"
#include <cblas.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#ifdef HG_DOUBLE
#define GEMM cblas_dgemm
#else
#define GEMM cblas_sgemm
#endif
#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

/* The functions of OpenBLAS that are used. */
typedef __typeof__(GEMM) gemm_fn;
typedef __typeof__(openblas_set_num_threads) set_num_threads_fn;
typedef __typeof__(openblas_get_corename) get_corename_fn;

typedef void *memory_alloc_fn(int procpos);
typedef void memory_free_fn(void *buffer);

/* Checks that OpenBLAS's buffers fit into the address space. Where they do not, OpenBLAS tries forever to
 * allocate them. On x86-64 a buffer has 128 MiB; the library and its dependencies take less than library_bytes. */
static hg_status check_room(int threads)
{
    enum { MIB = 1 << 20 };
    static const size_t buffer_bytes = (size_t)129 * MIB, library_bytes = (size_t)192 * MIB;
    const size_t bytes = library_bytes + (size_t)(threads + 1) * buffer_bytes;
    void *room =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (room == MAP_FAILED)
        return hg_fail(HG_NOMEM, "out of memory",
                       "%d threads need %zu MiB of address space for OpenBLAS (ulimit -v? fewer --threads?)",
                       threads, bytes / MIB);
    munmap(room, bytes);
    return HG_OK;
}

/* Makes OpenBLAS allocate the buffers of all threads now, when failure can be reported. It keeps freed buffers
 * for reuse. */
static hg_status take_buffers(void *library, int threads)
{
    memory_alloc_fn *take = (memory_alloc_fn *)dlsym(library, "blas_memory_alloc");
    memory_free_fn *give_back = (memory_free_fn *)dlsym(library, "blas_memory_free");
    void **buffers = NULL;
    if (take == NULL || give_back == NULL) return HG_OK; /* another build of OpenBLAS may not export them */
    HG_TRY(HG_NEW(buffers, threads));
    for (int t = 0; t < threads; t++) buffers[t] = take(0);
    for (int t = 0; t < threads; t++)
        if (buffers[t] != NULL) give_back(buffers[t]);
    hg_mem_free(buffers);
    return HG_OK;
}

hg_status hg_blas_open(const struct hg_kernels *kernels, int threads, struct hg_blas *blas)
{
    HG_TRY(check_room(threads));
    void *library = dlopen(HG_BLAS_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return hg_fail(HG_FAILED, HG_BLAS_LIBRARY, "%s", dlerror());
    gemm_fn *gemm = (gemm_fn *)dlsym(library, TEXT(GEMM));
    set_num_threads_fn *set_num_threads = (set_num_threads_fn *)dlsym(library, "openblas_set_num_threads");
    get_corename_fn *get_corename = (get_corename_fn *)dlsym(library, "openblas_get_corename");
    if (gemm == NULL || set_num_threads == NULL || get_corename == NULL)
        return hg_fail(HG_FAILED, HG_BLAS_LIBRARY, "is not OpenBLAS: %s", dlerror());
    set_num_threads(1);
    blas->gemm = (void (*)(void))gemm;
    blas->own_gemm = kernels->gemm;
    memset(blas->kernels, 0, sizeof blas->kernels);
    snprintf(blas->kernels, sizeof blas->kernels, "%s", get_corename());
    return take_buffers(library, threads);
}

/* Measured: OpenBLAS is faster for shorter inner dimensions, and where no side of the product is short. */
static bool prefer_own_gemm(enum hg_transpose which, int64_t inner, struct hg_mat c)
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
    if (blas->own_gemm != NULL && prefer_own_gemm(which, inner, c)) {
        blas->own_gemm(which, a, b, accumulate, c);
        return;
    }
    ((gemm_fn *)blas->gemm)(CblasRowMajor, which == HG_TRANSPOSE_A ? CblasTrans : CblasNoTrans,
                            which == HG_TRANSPOSE_B ? CblasTrans : CblasNoTrans, (blasint)c.rows,
                            (blasint)c.cols, (blasint)inner, 1, a.data, (blasint)a.stride, b.data,
                            (blasint)b.stride, accumulate ? 1 : 0, c.data, (blasint)c.stride);
}
