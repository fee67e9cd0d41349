/** Makes the graph files of the cases of the reproducibility matrix, in every layout. One rank makes all files of a
 *  case. */
#ifndef HG_TESTS_MATRIX_GRAPH_H
#define HG_TESTS_MATRIX_GRAPH_H

#include "matrix_cases.h"
#include "ordered.h"

#include "graph/rows_from_edges.h"
#include "io/graph_file.h"
#include "matrix_chunks.h"
#include "partition/partitioner.h"
#include <math.h>

enum { MATRIX_NODES = 160, MATRIX_PATH = 1024 };

/** The layouts of a graph file. */
enum matrix_layout { M_IMPORTED, M_CELL_ORDER, M_CHUNKED, M_CHUNKED_CELLS, MATRIX_LAYOUTS };

static const char *const matrix_layout_name[MATRIX_LAYOUTS] = {"imported order", "cell order", "chunked",
                                                               "chunked in cell order"};

static inline void matrix_path(char path[MATRIX_PATH], const char *folder, int number,
                               enum matrix_layout layout)
{
    snprintf(path, MATRIX_PATH, "%.900s/%d-%d.h5", folder, number, (int)layout);
}

/* The edges made so far. */
struct matrix_wiring {
    const struct matrix_case *c;
    struct hg_edges edges;
    uint64_t draws;
    bool joined[MATRIX_NODES][MATRIX_NODES];
};

static inline double matrix_draw(const struct matrix_case *c, uint64_t what, uint64_t a, uint64_t b)
{
    const struct hg_rng rng = {{(uint32_t)c->seed, (uint32_t)what}};
    return hg_rng_uniform(rng, a, b);
}

static inline int matrix_node(struct matrix_wiring *w, int nodes)
{
    return (int)(matrix_draw(w->c, 1, w->draws++, 0) * nodes);
}

/* Adds one stored edge. For each copy, both directions of a pair have the same features. */
static inline void matrix_edge(struct matrix_wiring *w, int source, int target, int copy)
{
    hg_real attr[3];
    const bool ordered = matrix_is(w->c, M_DIRECTION, "directed");
    const int a = ordered || source < target ? source : target, b = a == source ? target : source;
    for (uint64_t f = 0; f < 3; f++)
        attr[f] =
            (hg_real)(2 * matrix_draw(w->c, 2, (uint64_t)(a * MATRIX_NODES + b), 10 * (uint64_t)copy + f) -
                      1);
    assert_ok(hg_edges_append(&w->edges, source, target, w->edges.count, attr));
}

/* Adds edges between two nodes: one, or, where the case has parallel edges, up to three. */
static inline void matrix_join(struct matrix_wiring *w, int source, int target)
{
    const bool directed = matrix_is(w->c, M_DIRECTION, "directed");
    if (source == target || w->joined[source][target] || (!directed && w->joined[target][source])) return;
    w->joined[source][target] = true;
    const int copies = matrix_is(w->c, M_COPIES, "some") ? 1 + (source + 2 * target) % 3 : 1;
    for (int k = 0; k < copies; k++) {
        matrix_edge(w, source, target, k);
        if (!directed) matrix_edge(w, target, source, k);
    }
}

static inline void matrix_star(struct matrix_wiring *w, int nodes)
{
    for (int i = 1; i < nodes; i++)
        if (i % 4 == 0)
            matrix_join(w, 0, i);
        else
            matrix_join(w, i, 0);
}

static inline void matrix_line(struct matrix_wiring *w, int nodes)
{
    for (int i = 1; i < nodes; i++) matrix_join(w, i - 1, i);
}

static inline void matrix_clique(struct matrix_wiring *w, int nodes)
{
    for (int i = 0; i < nodes; i++)
        for (int j = 0; j < i; j++) matrix_join(w, i, j);
}

static inline void matrix_no_edges(struct matrix_wiring *w, int nodes)
{
    (void)w, (void)nodes;
}

static inline void matrix_any(struct matrix_wiring *w, int nodes)
{
    for (int k = 0; k < 4 * nodes; k++) {
        const int source = matrix_node(w, nodes);
        matrix_join(w, source, matrix_node(w, nodes));
    }
}

/* A few nodes have most of the edges; the last quarter of the nodes has none. */
static inline void matrix_skewed(struct matrix_wiring *w, int nodes)
{
    for (int k = 0; k < 5 * nodes; k++) {
        const int source = matrix_node(w, 3 * nodes / 4);
        matrix_join(w, source, matrix_node(w, 1 + matrix_node(w, 3 * nodes / 4)));
    }
}

/* The functions that make each shape, in the order of the factor's values. */
static const struct {
    int nodes;
    void (*wire)(struct matrix_wiring *w, int nodes);
} matrix_shapes[MATRIX_VALUES] = {{150, matrix_star},    {41, matrix_line},    {22, matrix_clique},
                                  {23, matrix_no_edges}, {1, matrix_no_edges}, {6, matrix_any},
                                  {130, matrix_any},     {160, matrix_skewed}};

static inline void matrix_wire(const struct matrix_case *c, struct hg_node_table *rows)
{
    static struct matrix_wiring w;
    const int shape = c->value[M_SHAPE], nodes = matrix_shapes[shape].nodes;
    w = (struct matrix_wiring){.c = c, .edges.attr_cols = matrix_number(c, M_EDGE_FEATURES)};
    matrix_shapes[shape].wire(&w, nodes);
    if (matrix_is(c, M_LOOPS, "replaced") || matrix_is(c, M_LOOPS, "own"))
        for (int i = 0; i < nodes; i += 4) matrix_edge(&w, i, i, 0);
    rows->info.num_nodes = nodes;
    const struct hg_comm self = {.mpi = MPI_COMM_SELF, .size = 1};
    assert_ok(hg_build_rows(&self, &w.edges, &(struct hg_build_options){0}, rows));
    if (matrix_is(c, M_DIRECTION, "symmetric")) assert_true(rows->info.symmetric);
}

/* Sparse features: about a third of the numbers, and none in every fifth row. Dense features: all numbers. */
static inline void matrix_features(const struct matrix_case *c, struct hg_node_table *rows)
{
    struct hg_features *x = &rows->x;
    const int64_t cols = rows->info.num_features;
    hg_eid n = 0;
    if (rows->info.sparse) {
        assert_ok(HG_NEW(x->indptr, rows->count + 1));
        assert_ok(HG_NEW(x->indices, rows->count * cols));
        assert_ok(HG_NEW(x->data, rows->count * cols));
    }
    x->cols = cols;
    for (int64_t i = 0; i < rows->count; i++) {
        for (int64_t f = 0; f < cols; f++) {
            const double value = 2 * matrix_draw(c, 3, (uint64_t)i, (uint64_t)f) - 1;
            if (!rows->info.sparse) x->dense[i * cols + f] = (hg_real)value;
            if (!rows->info.sparse || i % 5 == 4 || matrix_draw(c, 4, (uint64_t)i, (uint64_t)f) > 0.35)
                continue;
            x->indices[n] = (int32_t)f;
            x->data[n++] = (hg_real)value;
        }
        if (rows->info.sparse) x->indptr[i + 1] = n;
    }
}

/* The label of row i. Node 0 always has every label. */
static inline void matrix_label(const struct matrix_case *c, struct hg_node_table *rows, int64_t i)
{
    const int64_t cols = rows->info.num_outputs;
    for (int64_t t = 0; t < cols; t++) {
        const double u = matrix_draw(c, 5, (uint64_t)i, (uint64_t)t);
        const bool missing =
            matrix_is(c, M_MISSING, "some") && i > 0 && matrix_draw(c, 6, (uint64_t)i, (uint64_t)t) < 0.3;
        if (rows->info.task == HG_SINGLE_LABEL && t == 0)
            rows->y_class[i] = missing ? -1 : (int32_t)(u * (double)cols);
        if (rows->info.task == HG_MULTI_LABEL) rows->y_label[i * cols + t] = missing ? 255 : u < 0.4;
        if (rows->info.task == HG_REGRESSION)
            rows->y_target[i * cols + t] = missing ? (hg_real)NAN : (hg_real)(6 * u);
    }
}

static inline void matrix_masks(const struct matrix_case *c, struct hg_node_table *rows, int64_t i)
{
    const double train = matrix_is(c, M_TRAIN, "half") ? 0.5 : 0, u = matrix_draw(c, 7, (uint64_t)i, 0);
    const int split = i == 0 || u < train ? HG_TRAIN : u < (1 + train) / 2 ? HG_VAL : HG_TEST;
    rows->mask[split][i] = 1;
}

/** Makes the rows of a case, all on this rank. Local. */
static inline void matrix_rows(const struct matrix_case *c, struct hg_node_table *rows)
{
    static const int64_t outputs[HG_TASKS] = {4, 3, 2};
    *rows = (struct hg_node_table){0};
    matrix_wire(c, rows);
    snprintf(rows->info.name, sizeof rows->info.name, "%s", matrix_value(c, M_SHAPE));
    rows->info.task = (enum hg_task)c->value[M_TASK];
    rows->info.num_outputs = outputs[rows->info.task];
    rows->info.num_features = matrix_number(c, M_COLUMNS);
    rows->info.sparse = matrix_is(c, M_FEATURES, "sparse");
    rows->info.has_labels = true;
    rows->info.num_splits = 1;
    for (int s = 0; s < HG_SPLITS; s++) rows->info.has_split[s] = true;
    assert_ok(hg_node_table_allocate_arrays(rows));
    matrix_features(c, rows);
    for (int64_t i = 0; i < rows->count; i++) {
        matrix_label(c, rows, i);
        matrix_masks(c, rows, i);
    }
}

/** The enum value of the case's choice, found by its name. */
static inline int matrix_choice(const struct matrix_case *c, enum matrix_factor f, const char *const *names,
                                int count)
{
    int place = 0;
    while (place < count && !matrix_is(c, f, names[place])) place++;
    assert_in_range(place, 0, count - 1);
    return place;
}

/** Writes the files of case `number`. Local. */
static inline void matrix_write(const char *folder, int number, const struct matrix_case *c)
{
    const struct hg_comm self = {.mpi = MPI_COMM_SELF, .size = 1};
    const struct hg_partition_options options = {
        (enum hg_partitioner)matrix_choice(c, M_PARTITIONER, hg_partitioner_name, HG_PARTITIONERS),
        matrix_number(c, M_CELLS), 0, NULL};
    struct hg_node_table rows;
    struct hg_cells cells;
    char path[MATRIX_LAYOUTS][MATRIX_PATH];
    for (int l = 0; l < MATRIX_LAYOUTS; l++) matrix_path(path[l], folder, number, (enum matrix_layout)l);
    matrix_rows(c, &rows);
    assert_ok(hg_graph_file_write(&self, path[M_IMPORTED], &rows, NULL));
    assert_ok(ordered_rows(&self, &options, &rows, &cells));
    assert_ok(hg_graph_file_write(&self, path[M_CELL_ORDER], &rows, &cells));
    hg_node_table_destroy(&rows);
    hg_cells_destroy(&cells);
    chunks_copy(path[M_IMPORTED], path[M_CHUNKED]);
    chunks_copy(path[M_CELL_ORDER], path[M_CHUNKED_CELLS]);
}

#endif
