#include "nn/input.h"

#include "base/mem.h"
#include "kernels/pointwise.h"

/* Counting sort of the entries by column; rows stay ascending. */
static hg_status sort_columns(hg_lid rows, struct hg_input *input, hg_eid *start)
{
    const hg_eid nnz = input->csr.indptr[rows];
    HG_TRY(HG_NEW(input->entry_row, nnz));
    HG_TRY(HG_NEW(input->entry_place, nnz));
    for (hg_eid e = 0; e < nnz; e++) start[input->csr.indices[e] + 1]++;
    for (int64_t f = 0; f < input->cols; f++) start[f + 1] += start[f];
    for (hg_lid i = 0; i < rows; i++) {
        for (hg_eid e = input->csr.indptr[i]; e < input->csr.indptr[i + 1]; e++) {
            const hg_eid to = start[input->csr.indices[e]]++;
            input->entry_row[to] = i;
            input->entry_place[to] = e;
        }
    }
    for (int64_t f = input->cols; f > 0; f--) start[f] = start[f - 1];
    start[0] = 0;
    return HG_OK;
}

/* Writes the segments' first entries (NULL: only counts them). */
static int64_t cut_segments(const struct hg_shard *shard, struct hg_input *input, const hg_eid *start, hg_eid *first)
{
    int64_t segments = 0;
    for (int64_t f = 0; f < input->cols; f++) {
        hg_lid cell_end = 0, cell = 0;
        input->segment_start[f] = segments;
        for (hg_eid e = start[f]; e < start[f + 1]; e++) {
            if (input->entry_row[e] < cell_end) continue;
            while (shard->cell_offset[cell + 1] <= input->entry_row[e]) cell++;
            cell_end = shard->cell_offset[cell + 1];
            if (first != NULL) first[segments] = e;
            segments++;
        }
    }
    input->segment_start[input->cols] = segments;
    if (first != NULL) first[segments] = start[input->cols];
    return segments;
}

static hg_status create_columns(const struct hg_shard *shard, struct hg_input *input, hg_eid *start)
{
    HG_TRY(sort_columns(shard->owned, input, start));
    HG_TRY(HG_NEW(input->segment_start, input->cols + 1));
    HG_TRY(HG_NEW(input->segment_entry, cut_segments(shard, input, start, NULL) + 1));
    cut_segments(shard, input, start, input->segment_entry);
    return HG_OK;
}

hg_status hg_input_create(const struct hg_shard *shard, const struct hg_features *x, bool training,
                          struct hg_input *input)
{
    *input = (struct hg_input){.cols = x->cols, .dense = x->dense, .csr = {x->indptr, x->indices, x->data}};
    if (x->indptr == NULL || !training) return HG_OK;
    hg_eid *start = NULL;
    HG_TRY(HG_NEW(input->dropped, x->indptr[shard->owned]));
    HG_TRY(HG_NEW(start, x->cols + 1));
    const hg_status status = create_columns(shard, input, start);
    HG_FREE(start);
    return status;
}

void hg_input_destroy(struct hg_input *input)
{
    HG_FREE(input->dropped);
    HG_FREE(input->entry_row);
    HG_FREE(input->entry_place);
    HG_FREE(input->segment_start);
    HG_FREE(input->segment_entry);
}

struct hg_mat hg_reading_dense(const struct hg_reading *reading, hg_lid cell, struct hg_thread *thread)
{
    const hg_lid first = reading->shard->cell_offset[cell], end = reading->shard->cell_offset[cell + 1];
    const int64_t cols = reading->input->cols;
    /* the views of products are not const, but X is only read */
    hg_real *x = (hg_real *)(uintptr_t)reading->input->dense;
    if (reading->drop == NULL) return (struct hg_mat){x + first * cols, end - first, cols};
    hg_drop_rows((struct hg_mat){x, reading->shard->owned, cols}, first, end, reading->shard->in->imported,
                 *reading->drop, thread->x);
    return (struct hg_mat){thread->x, end - first, cols};
}

void hg_reading_drop_sparse(const struct hg_reading *reading, hg_lid cell)
{
    const struct hg_input *input = reading->input;
    if (reading->drop != NULL)
        hg_spmm_drop(input->csr, reading->shard->cell_offset[cell], reading->shard->cell_offset[cell + 1],
                     reading->shard->in->imported, *reading->drop, input->dropped);
}

struct hg_csr_view hg_reading_sparse(const struct hg_reading *reading)
{
    struct hg_csr_view view = reading->input->csr;
    if (reading->drop != NULL) view.data = reading->input->dropped;
    return view;
}
