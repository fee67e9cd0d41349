#include "nn/input.h"

#include "base/mem.h"
#include "nn/layer.h"
#include <string.h>

/* Counting sort of the entries of some rows by column; rows stay ascending. */
static void sort_columns(const struct hg_shard *shard, const struct hg_row_set *rows, struct hg_input *input)
{
    hg_eid *start = input->column_start;
    memset(start, 0, (size_t)(input->cols + 1) * sizeof *start);
    for (hg_lid k = 0; k < rows->start[shard->cells]; k++)
        for (hg_eid e = input->csr.indptr[rows->row[k]]; e < input->csr.indptr[rows->row[k] + 1]; e++)
            start[input->csr.indices[e] + 1]++;
    for (int64_t f = 0; f < input->cols; f++) start[f + 1] += start[f];
    for (hg_lid cell = 0; cell < shard->cells; cell++) {
        for (hg_lid k = rows->start[cell]; k < rows->start[cell + 1]; k++) {
            for (hg_eid e = input->csr.indptr[rows->row[k]]; e < input->csr.indptr[rows->row[k] + 1]; e++) {
                const hg_eid to = start[input->csr.indices[e]]++;
                input->entry_row[to] = rows->row[k];
                input->entry_cell[to] = cell;
                input->entry_place[to] = e;
            }
        }
    }
    /* each start has moved to the next column's */
    for (int64_t f = input->cols; f > 0; f--) start[f] = start[f - 1];
    start[0] = 0;
}

void hg_input_restrict(const struct hg_shard *shard, const struct hg_row_set *rows, struct hg_input *input)
{
    if (input->column_start != NULL) sort_columns(shard, rows, input);
}

hg_status hg_input_create(const struct hg_shard *shard, const struct hg_features *x, bool training,
                          struct hg_input *input)
{
    *input = (struct hg_input){.cols = x->cols, .dense = x->dense, .csr = {x->indptr, x->indices, x->data}};
    if (x->indptr == NULL || !training) return HG_OK;
    const hg_eid nnz = x->indptr[shard->owned];
    HG_TRY(HG_NEW_UNSET(input->dropped, nnz));
    HG_TRY(HG_NEW_UNSET(input->column_start, x->cols + 1));
    HG_TRY(HG_NEW_UNSET(input->entry_row, nnz));
    HG_TRY(HG_NEW_UNSET(input->entry_cell, nnz));
    return HG_NEW_UNSET(input->entry_place, nnz);
}

void hg_input_destroy(struct hg_input *input)
{
    HG_FREE(input->dropped);
    HG_FREE(input->entry_row);
    HG_FREE(input->entry_place);
    HG_FREE(input->entry_cell);
    HG_FREE(input->column_start);
}

/* A stretch of the layer before's output to `to`, then dropped there. */
static void read_layer(const struct hg_reading *reading, struct hg_stretch stretch, hg_real *to,
                       hg_real *also)
{
    const struct hg_input *input = reading->input;
    input->conv->output(input->layer, stretch.first, stretch.end, to);
    if (reading->drop != NULL)
        reading->kernels->drop_rows(hg_mat_packed(to, stretch.end - stretch.first, input->cols),
                                    reading->shard->in->imported + stretch.first, reading->drop, to, also);
}

/* A stretch of features, under dropout or as they are, to `to`. */
static void read_features(const struct hg_reading *reading, struct hg_stretch stretch, hg_real *to,
                          hg_real *also)
{
    const int64_t cols = reading->input->cols, rows = stretch.end - stretch.first;
    /* the views of products are not const, but X is only read */
    hg_real *from = (hg_real *)(uintptr_t)reading->input->dense + stretch.first * cols;
    if (reading->drop == NULL)
        memcpy(to, from, (size_t)(rows * cols) * sizeof *to);
    else
        reading->kernels->drop_rows(hg_mat_packed(from, rows, cols),
                                    reading->shard->in->imported + stretch.first, reading->drop, to, also);
}

struct hg_mat hg_reading_dense(const struct hg_reading *reading, hg_lid cell, struct hg_thread *thread,
                               hg_real *also)
{
    const hg_lid *offset = reading->shard->cell_offset + cell;
    const int64_t cols = reading->input->cols, rows = hg_row_set_count(reading->sources, cell);
    struct hg_stretch stretch = hg_row_set_begin(reading->sources, cell);
    void (*const read)(const struct hg_reading *, struct hg_stretch, hg_real *, hg_real *) =
        reading->input->layer != NULL ? read_layer : read_features;
    if (reading->drop == NULL && reading->input->dense != NULL && rows == offset[1] - offset[0])
        return hg_mat_packed((hg_real *)(uintptr_t)reading->input->dense + offset[0] * cols, rows, cols);
    for (int64_t at = 0; hg_row_set_next(reading->sources, &stretch);
         at += (stretch.end - stretch.first) * cols)
        read(reading, stretch, thread->x + at, also != NULL ? also + at : NULL);
    return hg_mat_packed(thread->x, rows, cols);
}

void hg_reading_drop_sparse(const struct hg_reading *reading, hg_lid cell)
{
    const struct hg_input *input = reading->input;
    struct hg_stretch stretch = hg_row_set_begin(reading->sources, cell);
    while (reading->drop != NULL && hg_row_set_next(reading->sources, &stretch))
        reading->kernels->spmm_drop(input->csr, stretch.first, stretch.end, reading->shard->in->imported,
                                    *reading->drop, input->dropped);
}

struct hg_csr_view hg_reading_sparse(const struct hg_reading *reading)
{
    struct hg_csr_view view = reading->input->csr;
    if (reading->drop != NULL) view.data = reading->input->dropped;
    return view;
}
