#include "base/simd.h"
#include "kernels/kernels.h"
#include <string.h>

/* A buffer of stored entries that are not 0. Dropout sets entries to 0 at random, so a branch on each entry would
 * often be mispredicted; filling the buffer needs no branch. */
enum { BUFFER_SIZE = 64 };

struct buffer {
    int count;
    int32_t index[BUFFER_SIZE];
    hg_real value[BUFFER_SIZE];
};

static inline void buffer_append(struct buffer *buffer, int32_t index, hg_real value)
{
    buffer->index[buffer->count] = index;
    buffer->value[buffer->count] = value;
    buffer->count += value != 0;
}

/* out += sum of value * D_row over the buffer, which is then empty. */
static inline void buffer_add(struct buffer *buffer, struct hg_mat d, hg_real *out)
{
    for (int k = 0; k < buffer->count; k++)
        hg_axpy(d.cols, buffer->value[k], d.data + buffer->index[k] * d.stride, out);
    buffer->count = 0;
}

void HG_KERNEL(spmm)(struct hg_csr_view x, hg_lid first, hg_lid end, struct hg_mat w, struct hg_mat z)
{
    struct buffer buffer = {.count = 0};
    for (hg_lid i = first; i < end; i++) {
        hg_real *row = z.data + i * z.stride;
        memset(row, 0, (size_t)z.cols * sizeof *row);
        /* z_i = sum_f x_if W_f */
        for (hg_eid e = x.indptr[i]; e < x.indptr[i + 1]; e++) {
            buffer_append(&buffer, x.indices[e], x.data[e]);
            if (buffer.count == BUFFER_SIZE) buffer_add(&buffer, w, row);
        }
        buffer_add(&buffer, w, row);
    }
}

/* The partial sum of a column over the rows of one cell. */
struct partial {
    hg_lid cell; /* -1: no cell yet */
    hg_real *value;
};

static void flush(struct partial *partial, int64_t n, struct hg_exact *sum, int64_t first)
{
    if (partial->cell >= 0) hg_exact_add_real(sum, first, partial->value, n);
}

void HG_KERNEL(spmm_column)(struct hg_column_entries entries, const hg_real *data, struct hg_mat d,
                            hg_real *scratch, struct hg_exact *sum, int64_t first)
{
    struct partial partial = {-1, scratch};
    for (int64_t begin = 0; begin < entries.count; begin += BUFFER_SIZE) {
        struct buffer buffer = {.count = 0};
        const int64_t end = hg_min_i64(begin + BUFFER_SIZE, entries.count);
        for (int64_t k = begin; k < end; k++) buffer_append(&buffer, (int32_t)k, data[entries.data_index[k]]);
        for (int k = 0; k < buffer.count; k++) {
            const int32_t entry = buffer.index[k];
            const hg_real *row = d.data + entries.row[entry] * d.stride;
            if (entries.cell[entry] == partial.cell) {
                hg_axpy(d.cols, buffer.value[k], row, partial.value);
            } else {
                flush(&partial, d.cols, sum, first);
                hg_scaled(d.cols, buffer.value[k], row, partial.value);
                partial.cell = entries.cell[entry];
            }
        }
    }
    flush(&partial, d.cols, sum, first);
}

void HG_KERNEL(spmm_drop)(struct hg_csr_view x, hg_lid first, hg_lid end, const hg_gid *imported,
                          struct hg_dropout drop, hg_real *out)
{
    for (hg_lid i = first; i < end; i++) HG_KERNEL(drop_values)
    (x.data + x.indptr[i], x.indptr[i + 1] - x.indptr[i], imported[i], &drop, out + x.indptr[i], NULL);
}
