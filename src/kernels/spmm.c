#include "kernels/spmm.h"

#include "kernels/simd.h"
#include <string.h>

void hg_spmm(struct hg_csr_view x, hg_lid first, hg_lid end, struct hg_mat w, struct hg_mat z)
{
    for (hg_lid i = first; i < end; i++) {
        hg_real *row = z.data + i * z.cols;
        memset(row, 0, (size_t)z.cols * sizeof *row);
        /* z_i = sum_f x_if W_f */
        for (hg_eid e = x.indptr[i]; e < x.indptr[i + 1]; e++)
            if (x.data[e] != 0) hg_axpy(z.cols, x.data[e], w.data + x.indices[e] * w.cols, row);
    }
}

void hg_spmm_column(struct hg_column_entries entries, const hg_real *data, struct hg_mat d, hg_real *out)
{
    memset(out, 0, (size_t)d.cols * sizeof *out);
    for (int64_t k = 0; k < entries.count; k++) {
        const hg_real value = data[entries.place[k]];
        if (value != 0) hg_axpy(d.cols, value, d.data + entries.row[k] * d.cols, out);
    }
}

void hg_spmm_drop(struct hg_csr_view x, hg_lid first, hg_lid end, const hg_gid *imported, struct hg_dropout drop,
                  hg_real *out)
{
    for (hg_lid i = first; i < end; i++) {
        for (hg_eid e = x.indptr[i]; e < x.indptr[i + 1]; e++) {
            const int32_t f = x.indices[e];
            const struct hg_rng_block block = hg_rng_bits(drop.rng, (uint64_t)imported[i], (uint64_t)f >> 3);
            out[e] = hg_rng_half(&block, f & 7) < drop.threshold ? 0 : x.data[e] * drop.scale;
        }
    }
}
