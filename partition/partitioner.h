/** Divides the nodes into cells, and the cells among the ranks.
 *
 *  Cells do not depend on the number of ranks. METIS (Karypis & Kumar, "A fast and high quality multilevel scheme for
 *  partitioning irregular graphs", SISC 1998) partitions the symmetrised graph into cells on rank 0, which then holds
 *  arrays as long as the whole graph; for graphs that are too large for that, clusters (partition/cluster/) divide it
 *  among all ranks. The owners of cells, for any number of ranks, come from METIS on the graph of cells, which is small
 *  and weighted.
 */
#ifndef HG_PARTITION_PARTITIONER_H
#define HG_PARTITION_PARTITIONER_H

#include "graph/cells.h"
#include "graph/node_table.h"
#include "partition/level.h"

/** X(NAME, name, text) for each method: for METIS, the constant HG_PARTITION_METIS, the function hg_partition_metis
 *  (methods.c), and "metis" in options. AUTO stands for METIS or CLUSTER, by the size of the graph. */
#define HG_PARTITIONER_LIST(X)                                                                               \
    X(AUTO, auto, "auto")                                                                                    \
    X(METIS, metis, "metis")                                                                                 \
    X(CLUSTER, cluster, "cluster")                                                                           \
    X(BLOCK, block, "block")                                                                                 \
    X(RANDOM, random, "random")                                                                              \
    X(FILE, file, "file:PARTS")

#define HG_PARTITION_NAMED(NAME, name, text) HG_PARTITION_##NAME,
enum hg_partitioner { HG_PARTITIONER_LIST(HG_PARTITION_NAMED) HG_PARTITIONERS };
#undef HG_PARTITION_NAMED

/** The texts of the list. */
extern const char *const hg_partitioner_name[HG_PARTITIONERS];

/** The number of directed edges from which AUTO means CLUSTER: METIS works on one core, and takes about 100 bytes an
 *  edge on one rank. */
enum { HG_CLUSTER_EDGES = 20000000 };

/** The method that AUTO stands for; any other method itself. Local. */
enum hg_partitioner hg_partitioner_resolve(enum hg_partitioner method, int64_t num_edges);

struct hg_partition_options {
    enum hg_partitioner method;
    int64_t cells; /**< wanted number of cells; 0: hg_default_cells(num_nodes) */
    uint64_t seed; /**< for the methods `random`, `metis`, `cluster` and `file` */
    /** [owned] for the method `file`, which makes cells of these parts, and divides large ones: the part of each of
     *  this rank's nodes, below HG_MAX_PARTS */
    const uint32_t *parts;
};

enum { HG_MAX_PARTS = 1 << 20 };

/** Number of cells for a graph of num_nodes nodes: one per 2,048 nodes, but at least 32 as long as each keeps 64
 *  nodes; at least 1, at most 16,384, so that the graph of cells stays small. Local. */
int64_t hg_default_cells(hg_gid num_nodes);

/** A graph on its way to cell order: the edges between the nodes, by blocks of ids, and the index of each node in the
 *  cell order. {0} is empty. */
struct hg_divided {
    struct hg_level graph;
    int64_t num_edges; /**< of the whole graph */
    uint64_t *stored;  /**< [owned + ghosts] NULL until there are cells; owned */
};

/** Begins with the rows' edges; the rows are not needed afterwards. Edges that are not in memory (rows->indices NULL)
 *  are read from `source`, which otherwise may be NULL. Each rank has a block of consecutive imported ids,
 *  in the order of ranks (blocks of any size). Fails when the rows are in cell order already. Destroy it also after a
 *  failure. Collective. */
hg_status hg_divided_of_blocks(const struct hg_comm *comm, const struct hg_node_table *rows,
                               const struct hg_row_source *source, struct hg_divided *divided);

/** The same of rows that are in cell order already, with their indices: each rank has a block of the cell order.
 *  Destroy it also after a failure. Collective. */
hg_status hg_divided_of_ordered(const struct hg_comm *comm, const struct hg_node_table *rows,
                                struct hg_divided *divided);

void hg_divided_destroy(struct hg_divided *divided);

/** Makes cells, and numbers the nodes in cell order; hg_collect_rows then puts rows into that order.
 *
 *  divided  in: from hg_divided_of_blocks; out: stored
 *  cells    out: offsets, edges, graph of cells and owners for as many ranks as there are, equal on every rank; on
 *           failure empty
 *  Fails when the graph is too large for METIS (32-bit indices); the message says what to do. Collective. */
hg_status hg_partition(const struct hg_partition_options *options, struct hg_divided *divided,
                       struct hg_cells *cells);

/** Chooses the owner of each cell for `ranks` ranks: few halo rows, balanced nodes and edges. owner [C] is the same
 *  on every rank of comm. With more ranks than cells, some ranks own nothing. Collective. */
hg_status hg_partition_owners(const struct hg_comm *comm, const struct hg_cells *cells, int ranks,
                              int *owner);

/** For each of n numbers of ranks, ranks [n], cost [n]: the cost (hg_owners_refine) of owners that a short search
 *  finds, equal on every rank of comm; 0 where each cell has a rank of its own. Collective. */
hg_status hg_partition_owner_costs(const struct hg_comm *comm, const struct hg_cells *cells, const int *ranks,
                                   int n, double *cost);

/** The owner of each node, node_owner [owned + ghosts], when cells have the owners owner [C]. Local. */
void hg_divided_owners(const struct hg_divided *divided, const struct hg_cells *cells, const int *owner,
                       int *node_owner);

/** Quality of an assignment of nodes to owners. */
struct hg_partition_quality {
    int64_t edge_cut;      /**< directed edges whose ends have different owners */
    int64_t halo_rows;     /**< halo rows of sources, summed over ranks */
    int64_t max_halo;      /**< halo rows of the rank that has most */
    double node_balance;   /**< nodes of the rank that has most / mean over ranks */
    double edge_balance;   /**< in-edges of the rank that has most / mean over ranks */
    double interior_share; /**< share of rows none of whose in-edges comes from a halo row */
};

/** Computes the quality of owner [C] for `ranks` ranks, exactly; `ranks` may differ from the number of this
 *  communicator's. Collective. */
hg_status hg_partition_quality(const struct hg_divided *divided, const struct hg_cells *cells,
                               const int *owner, int ranks, struct hg_partition_quality *quality);

/** The same for METIS's direct k-way partition of the nodes into `ranks` parts, without cells: what the quality of a
 *  choice of owners is compared with. Collective. */
hg_status hg_partition_direct_quality(const struct hg_divided *divided, int ranks,
                                      struct hg_partition_quality *quality);

#endif
