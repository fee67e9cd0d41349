#include "nn/cell_rows.h"

#include <string.h>

static hg_lid count(struct hg_cell_rows rows)
{
    return hg_row_set_count(rows.set, rows.cell);
}

static bool whole(struct hg_cell_rows rows)
{
    return count(rows) == rows.shard->cell_offset[rows.cell + 1] - rows.shard->cell_offset[rows.cell];
}

struct hg_mat hg_cell_buffer(struct hg_cell_rows rows, struct hg_mat matrix, hg_real *copy)
{
    if (whole(rows))
        return hg_mat_rows(matrix, rows.shard->cell_offset[rows.cell],
                           rows.shard->cell_offset[rows.cell + 1]);
    return (struct hg_mat){copy, count(rows), matrix.cols, matrix.stride};
}

struct hg_mat hg_cell_gather(struct hg_cell_rows rows, struct hg_mat matrix, hg_real *copy)
{
    const struct hg_mat to = hg_cell_buffer(rows, matrix, copy);
    const hg_lid *row = rows.set->row + rows.set->start[rows.cell];
    for (hg_lid k = 0; to.data == copy && k < to.rows; k++)
        memcpy(copy + k * to.stride, matrix.data + row[k] * matrix.stride,
               (size_t)matrix.cols * sizeof *copy);
    return to;
}

void hg_cell_scatter(struct hg_cell_rows rows, struct hg_mat from, struct hg_mat matrix)
{
    const hg_lid *row = rows.set->row + rows.set->start[rows.cell];
    if (whole(rows)) return;
    for (hg_lid k = 0; k < from.rows; k++)
        memcpy(matrix.data + row[k] * matrix.stride, from.data + k * from.stride,
               (size_t)from.cols * sizeof *from.data);
}

void hg_cell_zero_others(struct hg_cell_rows rows, struct hg_mat matrix)
{
    struct hg_interval interval = hg_row_set_begin(rows.set, rows.cell);
    hg_lid from = rows.shard->cell_offset[rows.cell];
    for (bool more = true; more; from = interval.end) {
        more = hg_row_set_next(rows.set, &interval);
        const hg_lid to = more ? interval.first : rows.shard->cell_offset[rows.cell + 1];
        memset(matrix.data + from * matrix.stride, 0,
               (size_t)((to - from) * matrix.stride) * sizeof *matrix.data);
    }
}

hg_real *hg_cell_expand(struct hg_cell_rows rows, const struct hg_row_set *larger, int64_t cols, hg_real *x,
                        hg_real *copy)
{
    const hg_lid n = hg_row_set_count(larger, rows.cell), *to = larger->row + larger->start[rows.cell];
    const hg_lid *row = rows.set->row + rows.set->start[rows.cell], *end = row + count(rows);
    if (n == count(rows)) return x;
    for (hg_lid k = 0; k < n; k++) {
        const bool there = row < end && *row == to[k];
        if (there)
            memcpy(copy + k * cols, x, (size_t)cols * sizeof *copy);
        else
            memset(copy + k * cols, 0, (size_t)cols * sizeof *copy);
        row += there;
        x += there * cols;
    }
    return copy;
}
