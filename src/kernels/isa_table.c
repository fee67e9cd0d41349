/* The table of kernels of one instruction set; compiled once per set. */
#include "kernels/kernels.h"

#define TEXT_OF(tokens) #tokens
#define TEXT(tokens) TEXT_OF(tokens)
#define KERNEL(name, type) .name = HG_KERNEL(name),
#define OF_REAL(name, type, form) .name = HG_KERNEL(name##_real_##form),
#define OF_BF16(name, type, form) .name = HG_KERNEL(name##_bf16_##form),
#define REAL(form, ...) [HG_HEAD_FORM_##form] = {HG_ATTENTION_KERNEL_LIST(OF_REAL, form)},
#define BF16(form, ...) [HG_HEAD_FORM_##form] = {HG_ATTENTION_KERNEL_LIST(OF_BF16, form)},
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
    .attention = {[HG_HALO_REAL] = {HG_HEAD_FORM_LIST(REAL, )}, [HG_HALO_BF16] = {HG_HEAD_FORM_LIST(BF16, )}},
    .gemm = GEMM};
