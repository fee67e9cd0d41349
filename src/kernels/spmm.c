#include "kernels/spmm.h"

#include "kernels/pointwise.h"
#include "base/simd.h"
#include <string.h>

/* Entries that are not 0, some at a time: dropout zeroes entries at random, and a branch on each would be guessed wrong as
 * often as not. */
enum { KEPT = 64 };

struct kept {
    int count;
    int32_t row[KEPT];
    hg_real value[KEPT];
};

static inline void keep(struct kept *kept, int32_t row, hg_real value)
{
    kept->row[kept->count] = row;
    kept->value[kept->count] = value;
    kept->count += value != 0;
}

/* out += sum value * D_row; kept is empty again */
static inline void add_kept(struct kept *kept, struct hg_mat d, hg_real *out)
{
    for (int k = 0; k < kept->count; k++) hg_axpy(d.cols, kept->value[k], d.data + kept->row[k] * d.cols, out);
    kept->count = 0;
}

void hg_spmm(struct hg_csr_view x, hg_lid first, hg_lid end, struct hg_mat w, struct hg_mat z)
{
    struct kept kept = {.count = 0};
    for (hg_lid i = first; i < end; i++) {
        hg_real *row = z.data + i * z.cols;
        memset(row, 0, (size_t)z.cols * sizeof *row);
        /* z_i = sum_f x_if W_f */
        for (hg_eid e = x.indptr[i]; e < x.indptr[i + 1]; e++) {
            keep(&kept, x.indices[e], x.data[e]);
            if (kept.count == KEPT) add_kept(&kept, w, row);
        }
        add_kept(&kept, w, row);
    }
}

bool hg_spmm_column(struct hg_column_entries entries, const hg_real *data, struct hg_mat d, hg_real *out)
{
    struct kept kept;
    bool any = false;
    kept.count = 0;
    for (int64_t k = 0; k < entries.count; k++) {
        keep(&kept, entries.row[k], data[entries.place[k]]);
        if (kept.count < KEPT && k < entries.count - 1) continue;
        if (kept.count == 0) break;
        if (!any) memset(out, 0, (size_t)d.cols * sizeof *out);
        any = true;
        add_kept(&kept, d, out);
    }
    return any;
}

void hg_spmm_drop(struct hg_csr_view x, hg_lid first, hg_lid end, const hg_gid *imported, struct hg_dropout drop,
                  hg_real *out)
{
    for (hg_lid i = first; i < end; i++)
        hg_drop_values(x.data + x.indptr[i], x.indptr[i + 1] - x.indptr[i], imported[i], &drop, out + x.indptr[i]);
}
