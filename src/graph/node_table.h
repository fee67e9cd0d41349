/** The node table: the rows of a graph file that one rank holds in memory.
 *
 *  A row is a target node with the edges into it, its features, labels and split masks. The same structure carries
 *  rows from importers and generators (blocks of imported ids) to the partitioner (cell order), to files and to
 *  training. Its fields follow the graph file (docs/formats.md). */
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

/** Sets *task to the task with this name; false when there is none. Local. */
bool hg_task_parse(const char *name, enum hg_task *task);

/** The largest numbers of features and outputs that are read. Larger ones mean a damaged file, or a model that fits
 *  no machine: nor would arrays with an element per feature or output. */
enum { HG_MAX_FEATURES = 1 << 26, HG_MAX_OUTPUTS = 1 << 24 };

/** Description of the whole graph; the same on every rank. */
struct hg_graph_info {
    char name[256];
    /** SHA-256 of the contents according to the file (docs/formats.md); "": the file has none */
    char content[65];
    enum hg_task task;
    hg_gid num_nodes;
    hg_gid num_edges;
    int64_t num_features;
    int64_t num_outputs;       /**< C classes, or T labels or targets */
    int64_t num_edge_features; /**< 0: none */
    int64_t num_splits;        /**< S: columns of the masks; 0: no masks at all */
    bool has_split[HG_SPLITS]; /**< which masks exist */
    /** for every edge, the o-th copy of (j, i) and the o-th copy of (i, j) have the same features */
    bool symmetric;
    bool sparse; /**< features are in CSR */
    bool wide;   /**< features are float64: in x.wide, not in x.dense or x.data */
    bool has_labels;
    bool has_graph;      /**< the file has /node/graph */
    int64_t name_bytes;  /**< width of /node/name as fixed-length UTF-8; -1: names are int64; 0: none */
    int64_t class_bytes; /**< width of /node/class_name; 0: none */
    /** [num_outputs, class_bytes], without a zero byte when full; NULL: none; owned by the node table */
    char *class_name;
};

/** Fails when there are more features or outputs than HG_MAX_FEATURES, HG_MAX_OUTPUTS. `what` is the file, for the
 *  message. Local. */
hg_status hg_graph_info_check(const char *what, const struct hg_graph_info *info);

/** Features of n rows: dense [n, cols], or CSR with ascending columns in each row. Arrays belong to the structure
 *  that contains this one. */
struct hg_features {
    int64_t cols;
    hg_real *dense;
    hg_eid *indptr;   /**< [n + 1], sparse only */
    int32_t *indices; /**< [nnz] */
    hg_real *data;    /**< [nnz] */
    /** [n, cols] or [nnz] float64 features, instead of dense or data; NULL: features are hg_real */
    double *wide;
};

/** Value k of dense features [n, cols] or of the stored values [nnz] of sparse ones, whatever their type. Local. */
static inline double hg_features_value(const struct hg_features *x, int64_t k)
{
    if (x->wide != NULL) return x->wide[k];
    return (double)(x->indptr != NULL ? x->data[k] : x->dense[k]);
}

/** Sets value k (see hg_features_value), rounded to the features' type. Local. */
static inline void hg_features_put(const struct hg_features *x, int64_t k, double value)
{
    if (x->wide != NULL)
        x->wide[k] = value;
    else
        (x->indptr != NULL ? x->data : x->dense)[k] = (hg_real)value;
}

/** Number of values in `rows` rows: rows x cols when dense, stored values when sparse. Local. */
static inline int64_t hg_features_count(const struct hg_features *x, int64_t rows)
{
    return x->indptr != NULL ? x->indptr[rows] : rows * x->cols;
}

/** Rounds float64 features (`values` of them) to hg_real; features that are hg_real stay. Numbers beyond the range of
 *  hg_real become infinite. Fails with HG_NOMEM. Local. */
hg_status hg_features_narrow(struct hg_features *x, int64_t values);

/** The rows of one rank. Optional arrays are NULL when the graph has none. The structure owns all arrays. */
struct hg_node_table {
    struct hg_graph_info info;
    int64_t count; /**< number of rows on this rank */
    /** [count] number of each row in the stored order (imported ids, or the cell order), ascending */
    hg_gid *stored;
    hg_gid *imported; /**< [count] imported id of each row */
    hg_eid *indptr;   /**< [count + 1] */
    /** [edges] sources as stored ids; ascending by imported id in each row, parallel edges in imported order */
    hg_gid *indices;
    hg_gid *edge_id;    /**< [edges] number in the imported edge list; -1: added; NULL: not read */
    hg_real *edge_attr; /**< [edges, num_edge_features] */
    struct hg_features x;
    int32_t *y_class;         /**< [count], -1: none (single-label) */
    uint8_t *y_label;         /**< [count, T], 255: none (multi-label) */
    hg_real *y_target;        /**< [count, T], NaN: none (regression) */
    uint8_t *mask[HG_SPLITS]; /**< [count, S], 0 or 1 */
    int32_t *graph;           /**< [count] when has_graph */
    char *name_text;          /**< [count, name_bytes] */
    int64_t *name_id;         /**< [count] when name_bytes is -1 */
};

/** Takes out of a description what does not belong to edges, labels and masks: features, edge features, names, numbers
 *  of graphs. Local. */
void hg_graph_info_structure(struct hg_graph_info *info);

/** Whether two descriptions agree in all that determines sizes and meaning of arrays. Local. */
bool hg_graph_info_same(const struct hg_graph_info *a, const struct hg_graph_info *b);

/** Fails unless all ranks have the same description: a file that changes while ranks read it gives different ones.
 *  `what` is the file, for the message. Collective. */
hg_status hg_graph_info_agree(const struct hg_comm *comm, const char *what, const struct hg_graph_info *info);

/** Frees every array, and the class names. Local. */
void hg_node_table_destroy(struct hg_node_table *rows);

/** Makes rows without edges for the rank's block (hg_block_range) of info.num_nodes imported ids: sets count, stored
 *  and imported, and allocates indptr, zeroed. Local. */
hg_status hg_node_table_begin_block(const struct hg_comm *comm, struct hg_node_table *rows);

/** Bytes of a feature in memory. Local. */
static inline size_t hg_feature_bytes(const struct hg_graph_info *info)
{
    return info->wide ? sizeof(double) : sizeof(hg_real);
}

/** Number of feature values on this rank (hg_features_count). Local. */
static inline int64_t hg_node_table_features(const struct hg_node_table *rows)
{
    return hg_features_count(&rows->x, rows->count);
}

/** Number of edges on this rank. Local. */
static inline hg_eid hg_node_table_edges(const struct hg_node_table *rows)
{
    return rows->indptr[rows->count];
}

/** An array of hg_node_table with a fixed number of bytes per row: for code that treats all of them alike (moves,
 *  reads, writes). */
struct hg_row_array {
    const char *path; /**< data set in a graph file, e.g. "/node/y" */
    void *data;       /**< [count, bytes] */
    size_t bytes;     /**< per row */
    size_t offset;    /**< offset of the array's pointer within struct hg_node_table */
};

enum { HG_ROW_ARRAYS = 10 };

/** Lists the arrays with one element per row that `info` says exist (x when dense, labels of the task, masks, graph,
 *  names; not stored and imported), with their data; returns their number (at most HG_ROW_ARRAYS). Local. */
int hg_node_table_arrays(const struct hg_node_table *rows, struct hg_row_array arrays[HG_ROW_ARRAYS]);

/** Allocates, zeroed, the arrays of hg_node_table_arrays for rows->count rows of rows->info. Local. */
hg_status hg_node_table_allocate_arrays(struct hg_node_table *rows);

#endif
