/** Rows of a graph as they are stored: the part of a graph file that one rank holds in memory.
 *
 *  A row is a target node with the edges into it, its features, labels and split masks. The same structure
 * carries rows from importers and generators (rows in blocks of imported ids), to the partitioner (rows in
 * cell order), to files and to training. Field for field it follows the graph file (docs/formats.md).
 */
#ifndef HG_GRAPH_NODE_TABLE_H
#define HG_GRAPH_NODE_TABLE_H

#include "base/types.h"
#include "dist/comm.h"

enum hg_task { HG_SINGLE_LABEL, HG_MULTI_LABEL, HG_REGRESSION, HG_TASKS };

/** "single-label", "multi-label", "regression". */
extern const char *const hg_task_name[HG_TASKS];

enum hg_split { HG_TRAIN, HG_VAL, HG_TEST, HG_SPLITS };

/** "train", "val", "test". */
extern const char *const hg_split_name[HG_SPLITS];

/** The task named `name`; false when there is none. */
bool hg_task_parse(const char *name, enum hg_task *task);

/** Sizes beyond these are damage, or make models that fit no machine: what is kept per feature or output would not, either. */
enum { HG_MOST_FEATURES = 1 << 26, HG_MOST_OUTPUTS = 1 << 24 };

/** What describes the whole graph; equal on every rank. */
struct hg_graph_info {
    char name[256];
    char content[65]; /**< what the file says that its contents' SHA-256 is (docs/formats.md); "": nothing */
    enum hg_task task;
    hg_gid num_nodes;
    hg_gid num_edges;
    int64_t num_features;
    int64_t num_outputs;       /**< C classes, T labels or targets */
    int64_t num_edge_features; /**< 0: none */
    int64_t num_splits;        /**< S: columns of the masks; 0: no masks at all */
    bool has_split[HG_SPLITS]; /**< which of the masks exist */
    bool symmetric; /**< the o-th copy of (j, i) has the features of the o-th copy of (i, j), for all */
    bool sparse;    /**< features are sparse by rows */
    bool wide;      /**< features are float64: in x.wide, not in x.dense or x.data */
    bool has_labels;
    bool has_graph;      /**< /node/graph */
    int64_t name_bytes;  /**< width of /node/name as fixed-length UTF-8; -1: names are int64; 0: none */
    int64_t class_bytes; /**< width of /node/class_name; 0: none */
    char *class_name; /**< [num_outputs, class_bytes], not terminated when full; NULL: none; owned by the rows
                       */
};

/** Fails when there are more features or outputs than are read; `what`: the file, for the message. Local. */
hg_status hg_graph_info_check(const char *what, const struct hg_graph_info *info);

/** Features of n rows: dense [n, cols], or CSR with ascending columns in each row. Owner: whoever holds it.
 */
struct hg_features {
    int64_t cols;
    hg_real *dense;
    hg_eid *indptr;   /**< [n + 1], sparse only */
    int32_t *indices; /**< [nnz] */
    hg_real *data;    /**< [nnz] */
    double *wide;     /**< [n, cols] or [nnz] float64, in place of dense or data; NULL: they are hg_real */
};

/** Feature k of dense [n, cols] or sparse [nnz] features, whatever their type. Local. */
static inline double hg_features_value(const struct hg_features *x, int64_t k)
{
    if (x->wide != NULL) return x->wide[k];
    return (double)(x->indptr != NULL ? x->data[k] : x->dense[k]);
}

/** Replaces that feature, rounded to the features' type. Local. */
static inline void hg_features_put(const struct hg_features *x, int64_t k, double value)
{
    if (x->wide != NULL)
        x->wide[k] = value;
    else
        (x->indptr != NULL ? x->data : x->dense)[k] = (hg_real)value;
}

/** Features of `rows` rows: cells of a dense table, or stored values. Local. */
static inline int64_t hg_features_count(const struct hg_features *x, int64_t rows)
{
    return x->indptr != NULL ? x->indptr[rows] : rows * x->cols;
}

/** Rounds float64 features (`values` of them) to hg_real; what is hg_real already stays. Numbers beyond hg_real become infinite.
 *  Local. */
hg_status hg_features_narrow(struct hg_features *x, int64_t values);

/** A rank's rows. Optional arrays are NULL when the graph has none. All arrays are owned by the structure. */
struct hg_node_table {
    struct hg_graph_info info;
    int64_t count;    /**< rows on this rank */
    hg_gid *stored;   /**< [count] place of each row in the stored order, ascending: imported id, or place in
                         cell order */
    hg_gid *imported; /**< [count] imported id of each row */
    hg_eid *indptr;   /**< [count + 1] */
    hg_gid *indices;  /**< [edges] sources as stored ids; ascending by imported id in each row, copies in
                         imported order */
    hg_gid *edge_id;  /**< [edges] place in the imported edge list; -1: added; NULL: not read */
    hg_real *edge_attr; /**< [edges, num_edge_features] */
    struct hg_features x;
    int32_t *y_class;         /**< [count], -1: none (single-label) */
    uint8_t *y_label;         /**< [count, T], 255: none (multi-label) */
    hg_real *y_target;        /**< [count, T], NaN: none (regression) */
    uint8_t *mask[HG_SPLITS]; /**< [count, S], 0 or 1 */
    int32_t *graph;           /**< [count] */
    char *name_text;          /**< [count, name_bytes] */
    int64_t *name_id;         /**< [count] when name_bytes is -1 */
};

/** Whether two descriptions are of the same graph in all that gives arrays their sizes and meaning. Local. */
bool hg_graph_info_same(const struct hg_graph_info *a, const struct hg_graph_info *b);

/** Fails unless all ranks have the same description: ranks that read a file while it changes do not. `what` is the file in the message.
 *  Collective. */
hg_status hg_graph_info_agree(const struct hg_comm *comm, const char *what, const struct hg_graph_info *info);

/** Frees every array, and the class names. */
void hg_node_table_destroy(struct hg_node_table *rows);

/** Makes empty rows of the rank's block (hg_block_range) of info.num_nodes imported ids: sets count, stored
 * and imported, allocates indptr, zeroed. Local. */
hg_status hg_node_table_begin_block(const struct hg_comm *comm, struct hg_node_table *rows);

/** Bytes of a feature in memory. */
static inline size_t hg_feature_bytes(const struct hg_graph_info *info)
{
    return info->wide ? sizeof(double) : sizeof(hg_real);
}

/** Features on this rank, stored ones where they are sparse. Local. */
static inline int64_t hg_node_table_features(const struct hg_node_table *rows)
{
    return hg_features_count(&rows->x, rows->count);
}

/** Edges on this rank. */
static inline hg_eid hg_node_table_edges(const struct hg_node_table *rows)
{
    return rows->indptr[rows->count];
}

/** One array of `hg_node_table` that has a fixed number of bytes per row: for code that moves, reads or writes them
 * alike. */
struct hg_row_array {
    const char *path; /**< data set in a graph file, e.g. "/node/y" */
    void *data;       /**< [count, bytes] */
    size_t bytes;     /**< per row */
    size_t offset;    /**< of the pointer within struct hg_node_table */
};

enum { HG_ROW_ARRAYS = 10 };

/** Lists the per-row arrays that `info` says exist (x when dense, labels of the task, masks, graph, names;
 * neither stored nor imported), with data from rows; returns their number (at most HG_ROW_ARRAYS). Local. */
int hg_node_table_arrays(const struct hg_node_table *rows, struct hg_row_array arrays[HG_ROW_ARRAYS]);

/** Allocates, zeroed, the arrays of hg_node_table_arrays for rows->count rows of rows->info. Local. */
hg_status hg_node_table_allocate_arrays(struct hg_node_table *rows);

#endif
