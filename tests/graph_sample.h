/** Small graphs with every kind of data, where each number is a function of imported ids. */
#ifndef HG_TESTS_GRAPH_SAMPLE_H
#define HG_TESTS_GRAPH_SAMPLE_H

#include "testing.h"

#include "graph/cells.h"
#include "graph/node_table.h"
#include <math.h>

enum { SAMPLE_NODES = 53, SAMPLE_CELLS = 7 };

/** What a sample contains. */
struct sample {
    const char *name;
    enum hg_task task;
    int64_t outputs, features, edge_features, splits, name_bytes;
    bool sparse, graph, cells, class_names;
    int empty_ranks; /**< the first empty_ranks ranks have no rows */
};

static const struct sample samples[] = {
    {"plain", HG_SINGLE_LABEL, 4, 3, 0, 1, 0, false, false, false, false, 0},
    {"everything", HG_SINGLE_LABEL, 4, 3, 2, 3, 9, false, true, true, true, 0},
    {"sparse", HG_MULTI_LABEL, 5, 11, 1, 1, -1, true, false, true, false, 1},
    {"one label", HG_MULTI_LABEL, 1, 1, 0, 2, 0, false, false, false, true, 3},
    {"targets", HG_REGRESSION, 2, 6, 0, 0, 4, true, true, false, false, 2},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

/** The cell order: a permutation of the imported ids, and its inverse. */
static inline hg_gid sample_imported(const struct sample *s, hg_gid stored)
{
    return s->cells ? (stored * 17 + 5) % SAMPLE_NODES : stored;
}
static inline hg_gid sample_stored(const struct sample *s, hg_gid imported)
{
    for (hg_gid k = 0; k < SAMPLE_NODES; k++)
        if (sample_imported(s, k) == imported) return k;
    return -1;
}

/** Node i has sources i - d .. i - 1 (mod N), each once, the first twice, in ascending order; none when i % 5 is 0.
 */
static inline int64_t sample_degree(hg_gid i)
{
    return i % 5 == 0 ? 0 : i % 5 + 1;
}

static inline struct hg_graph_info sample_info(const struct sample *s)
{
    struct hg_graph_info info = {.task = s->task,
                                 .num_nodes = SAMPLE_NODES,
                                 .num_features = s->features,
                                 .num_outputs = s->outputs,
                                 .num_edge_features = s->edge_features,
                                 .num_splits = s->splits,
                                 .sparse = s->sparse,
                                 .has_labels = true,
                                 .has_graph = s->graph,
                                 .name_bytes = s->name_bytes};
    snprintf(info.name, sizeof info.name,
             "Gr\xc3\xb6\xc3\x9f"
             "e %s",
             s->name);
    for (int k = 0; k < HG_SPLITS; k++) info.has_split[k] = s->splits > 0 && !(s->splits == 2 && k == HG_VAL);
    for (hg_gid i = 0; i < SAMPLE_NODES; i++) info.num_edges += sample_degree(i);
    if (s->class_names) {
        info.class_bytes = 6;
        info.class_name = hg_mem_alloc(s->outputs, 6);
        assert_non_null(info.class_name);
        for (int64_t c = 0; c < s->outputs; c++) memcpy(info.class_name + 6 * c, "cl\xc3\xa4ss", 6);
        for (int64_t c = 0; c < s->outputs; c++) info.class_name[6 * c + 5] = (char)('0' + c);
    }
    return info;
}

static inline int sample_by_id(const void *a, const void *b)
{
    const hg_gid left = *(const hg_gid *)a, right = *(const hg_gid *)b;
    return (left > right) - (left < right);
}

/** Fills the edges of row r, and their features. */
static inline void sample_edges(const struct sample *s, struct hg_node_table *rows, int64_t r)
{
    const hg_gid i = rows->imported[r];
    const int64_t d = sample_degree(i);
    hg_gid *sources = rows->indices + rows->indptr[r];
    for (int64_t k = 0; k < d; k++) sources[k] = (i + SAMPLE_NODES - (k == 0 ? 1 : k)) % SAMPLE_NODES;
    qsort(sources, (size_t)d, sizeof *sources, sample_by_id);
    for (int64_t k = 0; k < d; k++) {
        const hg_eid e = rows->indptr[r] + k;
        sources[k] = sample_stored(s, sources[k]);
        rows->edge_id[e] = k == 1 ? -1 : 1000 * i + 7 - k;
        for (int64_t f = 0; f < s->edge_features; f++)
            rows->edge_attr[e * s->edge_features + f] = (hg_real)((double)(10 * i + k) + 0.25 * (double)f);
    }
}

/** Fills features, labels and names of row r; values are exact in 32 bits. */
static inline void sample_node(const struct sample *s, struct hg_node_table *rows, int64_t r)
{
    const hg_gid i = rows->imported[r];
    for (int64_t f = 0; !s->sparse && f < s->features; f++)
        rows->x.dense[r * s->features + f] = (hg_real)((double)i - 0.5 * (double)f);
    for (int64_t k = 0; s->sparse && k < i % 3; k++) {
        const hg_eid e = rows->x.indptr[r] + k;
        rows->x.indices[e] = (int32_t)(i % 3 + 2 * k);
        rows->x.data[e] = (hg_real)(1 + i);
    }
    if (s->task == HG_SINGLE_LABEL) rows->y_class[r] = (int32_t)(i % (s->outputs + 1)) - 1;
    for (int64_t t = 0; t < s->outputs; t++) {
        if (s->task == HG_MULTI_LABEL)
            rows->y_label[r * s->outputs + t] = (uint8_t)((i + t) % 3 == 2 ? 255 : (i + t) % 3);
        if (s->task == HG_REGRESSION)
            rows->y_target[r * s->outputs + t] = (i + t) % 7 == 0 ? (hg_real)NAN : (hg_real)((double)i / 8);
    }
    for (int k = 0; k < HG_SPLITS; k++)
        for (int64_t c = 0; rows->mask[k] != NULL && c < s->splits; c++)
            rows->mask[k][r * s->splits + c] = (i + c) % 3 == k;
    if (s->graph) rows->graph[r] = (int32_t)(i / 9);
    if (s->name_bytes < 0) rows->name_id[r] = 1000000007 * i;
    if (s->name_bytes > 0) { /* names of full width and shorter ones */
        char name[32];
        snprintf(name, sizeof name, i % 2 == 0 ? "n%lld" : "node%012lld", (long long)i);
        memcpy(rows->name_text + r * s->name_bytes, name, (size_t)s->name_bytes);
        if (i % 2 == 0) memset(rows->name_text + r * s->name_bytes + 3, 0, (size_t)s->name_bytes - 3);
    }
}

/** The rows of the sample whose stored ids satisfy chosen(id, context). Local. */
static inline struct hg_node_table sample_rows(const struct sample *s, bool (*chosen)(hg_gid, const void *),
                                               const void *context)
{
    struct hg_node_table rows = {.info = sample_info(s)};
    for (hg_gid k = 0; k < SAMPLE_NODES; k++) rows.count += chosen(k, context);
    assert_ok(HG_NEW(rows.stored, rows.count));
    assert_ok(HG_NEW(rows.imported, rows.count));
    assert_ok(HG_NEW(rows.indptr, rows.count + 1));
    assert_ok(hg_node_table_allocate_arrays(&rows));
    if (s->sparse) assert_ok(HG_NEW(rows.x.indptr, rows.count + 1));
    int64_t r = 0;
    for (hg_gid k = 0; k < SAMPLE_NODES; k++) {
        if (!chosen(k, context)) continue;
        rows.stored[r] = k;
        rows.imported[r] = sample_imported(s, k);
        rows.indptr[r + 1] = rows.indptr[r] + sample_degree(rows.imported[r]);
        if (s->sparse) rows.x.indptr[r + 1] = rows.x.indptr[r] + rows.imported[r] % 3;
        r++;
    }
    const hg_eid edges = hg_node_table_edges(&rows);
    assert_ok(HG_NEW(rows.indices, edges));
    assert_ok(HG_NEW(rows.edge_id, edges));
    if (s->edge_features > 0) assert_ok(HG_NEW(rows.edge_attr, edges * s->edge_features));
    if (s->sparse) {
        assert_ok(HG_NEW(rows.x.indices, rows.x.indptr[rows.count]));
        assert_ok(HG_NEW(rows.x.data, rows.x.indptr[rows.count]));
    }
    for (r = 0; r < rows.count; r++) {
        sample_edges(s, &rows, r);
        sample_node(s, &rows, r);
    }
    return rows;
}

/** Nets of the sample's cells: a row of each cell is needed by the next. */
static inline struct hg_nets sample_nets(void)
{
    struct hg_nets nets = {.count = SAMPLE_CELLS - 1};
    assert_ok(HG_NEW(nets.indptr, SAMPLE_CELLS));
    assert_ok(HG_NEW(nets.cells, 2 * (SAMPLE_CELLS - 1)));
    assert_ok(HG_NEW(nets.rows, SAMPLE_CELLS - 1));
    for (int64_t k = 0; k < nets.count; k++) {
        nets.indptr[k + 1] = 2 * (k + 1);
        nets.cells[2 * k] = k;
        nets.cells[2 * k + 1] = k + 1;
        nets.rows[k] = 3 + k;
    }
    return nets;
}

/** Cells of the sample: ranges of 7 or 8 rows; each cell is adjacent to the next. */
static inline struct hg_cells sample_cells(const struct sample *s)
{
    struct hg_cells cells = {.count = SAMPLE_CELLS};
    assert_ok(HG_NEW(cells.offsets, SAMPLE_CELLS + 1));
    assert_ok(HG_NEW(cells.edges, SAMPLE_CELLS));
    assert_ok(HG_NEW(cells.indptr, SAMPLE_CELLS + 1));
    assert_ok(HG_NEW(cells.indices, 2 * SAMPLE_CELLS));
    assert_ok(HG_NEW(cells.weight, 2 * SAMPLE_CELLS));
    for (int64_t k = 0; k < SAMPLE_CELLS; k++) {
        const struct hg_range range = hg_block_range(SAMPLE_NODES, (int)k, SAMPLE_CELLS);
        cells.offsets[k + 1] = range.end;
        for (hg_gid i = range.first; i < range.end; i++)
            cells.edges[k] += sample_degree(sample_imported(s, i));
        int64_t e = cells.indptr[k];
        if (k > 0) cells.indices[e] = k - 1, cells.weight[e++] = 10 + k - 1;
        if (k < SAMPLE_CELLS - 1) cells.indices[e] = k + 1, cells.weight[e++] = 10 + k;
        cells.indptr[k + 1] = e;
    }
    cells.nets = sample_nets();
    return cells;
}

#endif
