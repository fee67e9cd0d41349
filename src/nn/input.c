#include "nn/input.h"

#include "base/mem.h"

/* Counting sort of the entries by column; rows stay ascending. */
static void sort_columns(const struct hg_shard *shard, struct hg_input *input)
{
    hg_eid *start = input->column_start;
    for (hg_eid e = 0; e < input->csr.indptr[shard->owned]; e++) start[input->csr.indices[e] + 1]++;
    for (int64_t f = 0; f < input->cols; f++) start[f + 1] += start[f];
    for (hg_lid cell = 0; cell < shard->cells; cell++) {
        for (hg_lid i = shard->cell_offset[cell]; i < shard->cell_offset[cell + 1]; i++) {
            for (hg_eid e = input->csr.indptr[i]; e < input->csr.indptr[i + 1]; e++) {
                const hg_eid to = start[input->csr.indices[e]]++;
                input->entry_row[to] = i;
                input->entry_cell[to] = cell;
                input->entry_place[to] = e;
            }
        }
    }
    /* each start has moved to the next column's */
    for (int64_t f = input->cols; f > 0; f--) start[f] = start[f - 1];
    start[0] = 0;
}

hg_status hg_input_create(const struct hg_shard *shard, const struct hg_features *x, bool training,
                          struct hg_input *input)
{
    *input = (struct hg_input){.cols = x->cols, .dense = x->dense, .csr = {x->indptr, x->indices, x->data}};
    if (x->indptr == NULL || !training) return HG_OK;
    const hg_eid nnz = x->indptr[shard->owned];
    HG_TRY(HG_NEW(input->dropped, nnz));
    HG_TRY(HG_NEW(input->column_start, x->cols + 1));
    HG_TRY(HG_NEW(input->entry_row, nnz));
    HG_TRY(HG_NEW(input->entry_cell, nnz));
    HG_TRY(HG_NEW(input->entry_place, nnz));
    sort_columns(shard, input);
    return HG_OK;
}

void hg_input_destroy(struct hg_input *input)
{
    HG_FREE(input->dropped);
    HG_FREE(input->entry_row);
    HG_FREE(input->entry_place);
    HG_FREE(input->entry_cell);
    HG_FREE(input->column_start);
}

struct hg_mat hg_reading_dense(const struct hg_reading *reading, hg_lid cell, struct hg_thread *thread,
                               hg_real *also)
{
    const hg_lid first = reading->shard->cell_offset[cell], end = reading->shard->cell_offset[cell + 1];
    const int64_t cols = reading->input->cols;
    /* the views of products are not const, but X is only read */
    const struct hg_mat x =
        hg_mat_packed((hg_real *)(uintptr_t)reading->input->dense + first * cols, end - first, cols);
    if (reading->drop == NULL) return x;
    reading->kernels->drop_rows(x, reading->shard->in->imported + first, reading->drop, thread->x, also);
    return hg_mat_packed(thread->x, end - first, cols);
}

void hg_reading_drop_sparse(const struct hg_reading *reading, hg_lid cell)
{
    const struct hg_input *input = reading->input;
    if (reading->drop != NULL)
        reading->kernels->spmm_drop(input->csr, reading->shard->cell_offset[cell],
                                    reading->shard->cell_offset[cell + 1], reading->shard->in->imported,
                                    *reading->drop, input->dropped);
}

struct hg_csr_view hg_reading_sparse(const struct hg_reading *reading)
{
    struct hg_csr_view view = reading->input->csr;
    if (reading->drop != NULL) view.data = reading->input->dropped;
    return view;
}
