/* The kernels of the instruction set that this file is compiled for. */
#include "kernels/kernels.h"

#define TEXT_OF(tokens) #tokens
#define TEXT(tokens) TEXT_OF(tokens)
#define FIELD(name, type) .name = HG_KERNEL(name),
#ifdef HG_HAS_PRODUCT
#define PRODUCT HG_KERNEL(product)
#else
#define PRODUCT NULL
#endif

extern const struct hg_kernels HG_KERNEL(kernels);
const struct hg_kernels HG_KERNEL(kernels) = {
    .instructions = TEXT(HG_SET_NAME), .blas = TEXT(HG_SET_BLAS), HG_KERNEL_LIST(FIELD).product = PRODUCT};
