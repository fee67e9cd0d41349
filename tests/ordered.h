/* Puts rows that are in memory into cell order: cells, and a source of rows that copies them. */
#ifndef HG_TESTS_ORDERED_H
#define HG_TESTS_ORDERED_H

#include "base/mem.h"
#include "partition/collect.h"
#include <string.h>

/* Copies the items of rows [first, end) of an array into newly allocated memory. */
static inline hg_status ordered_copy(const void *from, size_t bytes, int64_t first, int64_t end, void *to)
{
    void *copy = hg_mem_alloc_unset(end - first, bytes);
    if (copy == NULL) return HG_NOMEM;
    if (from != NULL) memcpy(copy, (const char *)from + (size_t)first * bytes, (size_t)(end - first) * bytes);
    memcpy(to, &copy, sizeof copy);
    return HG_OK;
}

static inline hg_status ordered_copy_offsets(const hg_eid *from, int64_t first, int64_t end, hg_eid **to)
{
    HG_TRY(HG_NEW_UNSET(*to, end - first + 1));
    for (int64_t i = first; i <= end; i++) (*to)[i - first] = from[i] - from[first];
    return HG_OK;
}

static inline hg_status ordered_copy_items(const struct hg_node_table *all, int64_t first, int64_t end,
                                           struct hg_node_table *rows)
{
    const hg_eid e = all->indptr[first], last = all->indptr[end];
    const size_t attr = (size_t)all->info.num_edge_features * sizeof(hg_real);
    HG_TRY(ordered_copy_offsets(all->indptr, first, end, &rows->indptr));
    HG_TRY(ordered_copy(all->indices, sizeof(hg_gid), e, last, &rows->indices));
    if (all->edge_id != NULL) HG_TRY(ordered_copy(all->edge_id, sizeof(hg_gid), e, last, &rows->edge_id));
    if (attr > 0) HG_TRY(ordered_copy(all->edge_attr, attr, e, last, &rows->edge_attr));
    if (!all->info.sparse) return HG_OK;
    const hg_eid v = all->x.indptr[first], end_value = all->x.indptr[end];
    HG_TRY(ordered_copy_offsets(all->x.indptr, first, end, &rows->x.indptr));
    HG_TRY(ordered_copy(all->x.indices, sizeof *all->x.indices, v, end_value, &rows->x.indices));
    if (all->info.wide) return ordered_copy(all->x.wide, sizeof(double), v, end_value, &rows->x.wide);
    return ordered_copy(all->x.data, sizeof(hg_real), v, end_value, &rows->x.data);
}

static inline hg_status ordered_read(const struct hg_row_source *source, const struct hg_range *range,
                                     struct hg_node_table *rows)
{
    const struct hg_node_table *all = source->context;
    struct hg_row_array from[HG_ROW_ARRAYS];
    const int n = hg_node_table_arrays(all, from);
    const int64_t first = all->count > 0 ? range->first - all->stored[0] : 0,
                  end = first + range->end - range->first;
    *rows = (struct hg_node_table){.info = all->info, .count = end - first, .x.cols = all->x.cols};
    rows->info.class_name = NULL;
    HG_TRY(ordered_copy(all->stored, sizeof(hg_gid), first, end, &rows->stored));
    HG_TRY(ordered_copy(all->imported, sizeof(hg_gid), first, end, &rows->imported));
    for (int k = 0; k < n; k++)
        HG_TRY(ordered_copy(from[k].data, from[k].bytes, first, end, (char *)rows + from[k].offset));
    return ordered_copy_items(all, first, end, rows);
}

/* Collects rows out of a table in imported order, a few rows a time. rows: in: the table; out: in cell order, or empty
 * on failure. */
static inline hg_status ordered_collect(const struct hg_divided *divided, const struct hg_cells *cells,
                                        struct hg_node_table *rows)
{
    struct hg_node_table all = *rows;
    const struct hg_row_source source = {.info = &all.info,
                                         .values = all.x.indptr,
                                         .edge_ids = all.edge_id != NULL,
                                         .chunk_bytes = 1000,
                                         .read = ordered_read,
                                         .context = &all};
    const hg_status status = hg_collect_rows(&source, divided, cells, cells->owner, rows);
    if (status == HG_OK) rows->info.class_name = all.info.class_name;
    if (status == HG_OK) all.info.class_name = NULL;
    hg_node_table_destroy(&all);
    return status;
}

/* Partitions rows in imported order, and puts them into cell order. divided: destroy it also after a failure. */
static inline hg_status ordered_partition(const struct hg_comm *comm,
                                          const struct hg_partition_options *options,
                                          struct hg_node_table *rows, struct hg_cells *cells,
                                          struct hg_divided *divided)
{
    *cells = (struct hg_cells){0};
    HG_TRY(hg_divided_of_blocks(comm, rows, NULL, divided));
    HG_TRY(hg_partition(options, divided, cells));
    HG_TRY(ordered_collect(divided, cells, rows));
    return HG_OK;
}

/* The same where only rows and cells are wanted. */
static inline hg_status ordered_rows(const struct hg_comm *comm, const struct hg_partition_options *options,
                                     struct hg_node_table *rows, struct hg_cells *cells)
{
    struct hg_divided divided;
    const hg_status status = ordered_partition(comm, options, rows, cells, &divided);
    hg_divided_destroy(&divided);
    return status;
}

#endif
