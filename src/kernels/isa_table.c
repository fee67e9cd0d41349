/* The table of kernels of one instruction set; compiled once per set. */
#include "kernels/kernels.h"

#define TEXT_OF(tokens) #tokens
#define TEXT(tokens) TEXT_OF(tokens)
#define KERNEL(name, type) .name = HG_KERNEL(name),
#define OF_REAL(name, type, size) .name = HG_KERNEL(name##_real_##size),
#define OF_BF16(name, type, size) .name = HG_KERNEL(name##_bf16_##size),
#define REAL(size, ...) [HG_GROUP_##size] = {HG_ATTENTION_KERNEL_LIST(OF_REAL, size)},
#define BF16(size, ...) [HG_GROUP_##size] = {HG_ATTENTION_KERNEL_LIST(OF_BF16, size)},
#ifdef HG_HAS_GEMM
#define GEMM HG_KERNEL(gemm)
#else
#define GEMM NULL
#endif

extern const struct hg_kernels HG_KERNEL(kernels);
const struct hg_kernels HG_KERNEL(kernels) = {
    .instructions = TEXT(HG_SET_NAME),
    .blas = TEXT(HG_SET_BLAS),
    HG_KERNEL_LIST(KERNEL).rows_store =
        {[HG_HALO_REAL] = HG_KERNEL(rows_store_real), [HG_HALO_BF16] = HG_KERNEL(rows_store_bf16)},
    .attention =
        {[HG_HALO_REAL] = {HG_GROUP_SIZE_LIST(REAL, )}, [HG_HALO_BF16] = {HG_GROUP_SIZE_LIST(BF16, )}},
    .gemm = GEMM};
