#include "kernels/halo_vectors.h"
#include "kernels/kernels.h"

void HG_DTYPE_KERNEL(rows_store)(struct hg_mat x, hg_real *rows, int64_t stride)
{
    const int vectors = (int)(hg_row_stride(x.cols) / HG_LANES);
    for (int64_t i = 0; i < x.rows; i++)
        for (int t = 0; t < vectors; t++)
            hg_row_store(rows + i * stride, t,
                         hg_first_numbers(x.data + i * x.stride + t * HG_LANES, x.cols - t * HG_LANES));
}
