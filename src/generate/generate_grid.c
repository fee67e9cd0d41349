#include "base/limits.h"
#include "base/mem.h"
#include "generate/generate_kinds.h"
#include "generate/generate_pairs.h"
#include <math.h>

/* The smallest width whose square is at least `nodes`: node i is in row i / width, column i mod width. */
static hg_gid grid_width(hg_gid nodes)
{
    /* sqrt may be rounded down: the loop below corrects it */
    hg_gid width = hg_max_i64(1, (hg_gid)sqrt((double)nodes) - 1);
    while (width * width < nodes) width++;
    return width;
}

/* Writes the neighbours of node i, ascending; returns their number. */
static int neighbours(hg_gid nodes, hg_gid width, hg_gid i, hg_gid found[4])
{
    const hg_gid column = i % width;
    int n = 0;
    if (i >= width) found[n++] = i - width;
    if (column > 0) found[n++] = i - 1;
    if (column + 1 < width && i + 1 < nodes) found[n++] = i + 1;
    if (i + width < nodes) found[n++] = i + width;
    return n;
}

static hg_status grid_rows(const struct hg_comm *comm, hg_gid nodes, struct hg_node_table *rows)
{
    const hg_gid width = grid_width(nodes);
    hg_gid found[4];
    HG_TRY(hg_node_table_begin_block(comm, rows));
    for (int64_t i = 0; i < rows->count; i++)
        rows->indptr[i + 1] = rows->indptr[i] + neighbours(nodes, width, rows->imported[i], found);
    HG_TRY(hg_limit_check(rows->info.name, "edges", hg_node_table_edges(rows)));
    HG_TRY(HG_NEW(rows->indices, hg_node_table_edges(rows)));
    HG_TRY(HG_NEW(rows->edge_id, hg_node_table_edges(rows)));
    for (int64_t i = 0; i < rows->count; i++) {
        const int n = neighbours(nodes, width, rows->imported[i], found);
        for (int k = 0; k < n; k++) rows->indices[rows->indptr[i] + k] = found[k];
    }
    return HG_OK;
}

hg_status hg_generate_grid_edges(const struct hg_comm *comm, const struct hg_generate_options *options,
                                 struct hg_node_table *rows)
{
    HG_TRY(hg_agree(comm, grid_rows(comm, options->nodes, rows)));
    hg_generate_number_edges(comm, rows);
    rows->info.symmetric = true;
    return HG_OK;
}

/* Classes are bands of adjacent rows of the grid. */
int32_t hg_generate_grid_class(const struct hg_generate_options *options, hg_gid node)
{
    const hg_gid width = grid_width(options->nodes), height = (options->nodes + width - 1) / width;
    return (int32_t)(node / width * options->classes / height);
}
