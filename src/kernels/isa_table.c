/* The kernels of the instruction set that this file is compiled for. */
#include "kernels/kernels.h"

#define TEXT_OF(tokens) #tokens
#define TEXT(tokens) TEXT_OF(tokens)
#define FIELD(name, type) .name = HG_KERNEL(name),
#define REAL_FIELD(name, type) .name = HG_KERNEL(name##_real),
#define BF16_FIELD(name, type) .name = HG_KERNEL(name##_bf16),
#ifdef HG_HAS_GEMM
#define GEMM HG_KERNEL(gemm)
#else
#define GEMM NULL
#endif

extern const struct hg_kernels HG_KERNEL(kernels);
const struct hg_kernels HG_KERNEL(kernels) = {
    .instructions = TEXT(HG_SET_NAME),
    .blas = TEXT(HG_SET_BLAS),
    HG_KERNEL_LIST(FIELD).rows = {[HG_HALO_REAL] = {HG_ROW_KERNEL_LIST(REAL_FIELD)},
                                  [HG_HALO_BF16] = {HG_ROW_KERNEL_LIST(BF16_FIELD)}},
    .gemm = GEMM};
