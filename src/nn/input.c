#include "nn/input.h"

#include "base/mem.h"
#include <string.h>

/* Sorts the stored values of these rows by column (counting sort); within a column rows stay ascending. */
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
                input->entry_index[to] = e;
            }
        }
    }
    /* the loop has moved start[f] to the start of column f + 1 */
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
    return HG_NEW_UNSET(input->entry_index, nnz);
}

void hg_input_destroy(struct hg_input *input)
{
    HG_FREE(input->dropped);
    HG_FREE(input->entry_row);
    HG_FREE(input->entry_index);
    HG_FREE(input->entry_cell);
    HG_FREE(input->column_start);
}
