/** Divides the nodes into cells, and the cells among the ranks.
 *
 *  Cells do not depend on the number of ranks. METIS partitions the symmetrised graph into cells on rank 0, which is
 *  the only rank that may hold arrays as long as the whole graph. For P ranks it then partitions the graph of cells,
 *  which is small and weighted. (Karypis & Kumar, "A fast and high quality multilevel scheme for partitioning
 *  irregular graphs", SISC 1998.)
 */
#ifndef HG_PARTITION_PARTITIONER_H
#define HG_PARTITION_PARTITIONER_H

#include "graph/cells.h"
#include "graph/node_table.h"

/** X(NAME, name) for each method: for METIS, the constant HG_PARTITION_METIS, "metis" in options, and the
 *  function hg_partition_metis (methods.c). */
#define HG_PARTITIONER_LIST(X)                                                                               \
    X(METIS, metis)                                                                                          \
    X(BLOCK, block)                                                                                          \
    X(RANDOM, random)

#define HG_PARTITION_NAMED(NAME, name) HG_PARTITION_##NAME,
enum hg_partitioner { HG_PARTITIONER_LIST(HG_PARTITION_NAMED) HG_PARTITIONERS };
#undef HG_PARTITION_NAMED

/** "metis", "block", "random". */
extern const char *const hg_partitioner_name[HG_PARTITIONERS];

struct hg_partition_options {
    enum hg_partitioner method;
    int64_t cells; /**< wanted number of cells; 0: hg_default_cells(num_nodes) */
    uint64_t seed; /**< for the methods `random` and `metis` */
};

/** Number of cells for a graph of num_nodes nodes: one per 2,048 nodes, but at least 32 as long as each keeps 64
 *  nodes; at least 1, at most HG_EXACT_ADDENDS. Local. */
int64_t hg_default_cells(hg_gid num_nodes);

/** Puts rows into cell order.
 *
 *  rows   in: each rank has a block of consecutive imported ids, in the order of ranks (blocks of any size)
 *         out: the rows of the cells that this rank owns; stored and indices are indices in the cell order
 *  cells  out: offsets, edges, graph of cells and owners for comm->size ranks, equal on every rank; on failure empty
 *  Fails when the rows are in cell order already, and when the graph is too large for METIS (32-bit indices); the
 *  message says what to do. Collective. */
hg_status hg_partition(const struct hg_comm *comm, const struct hg_partition_options *options,
                       struct hg_node_table *rows, struct hg_cells *cells);

/** Chooses the owner of each cell for `ranks` ranks: few halo rows, balanced nodes and edges. owner [C] is the same
 *  on every rank of comm. With more ranks than cells, some ranks own nothing. Collective. */
hg_status hg_partition_owners(const struct hg_comm *comm, const struct hg_cells *cells, int ranks,
                              int *owner);

/** Quality of an assignment of nodes to owners. */
struct hg_partition_quality {
    int64_t edge_cut;      /**< directed edges whose ends have different owners */
    int64_t halo_rows;     /**< halo rows of sources, summed over ranks */
    int64_t max_halo;      /**< halo rows of the rank that has most */
    double node_balance;   /**< nodes of the rank that has most / mean over ranks */
    double edge_balance;   /**< in-edges of the rank that has most / mean over ranks */
    double interior_share; /**< share of rows none of whose in-edges comes from a halo row */
};

/** Computes the quality of owner [C] for `ranks` ranks, exactly; `ranks` may differ from comm->size.
 *  rows: in cell order, as hg_partition leaves them. Collective. */
hg_status hg_partition_quality(const struct hg_comm *comm, const struct hg_node_table *rows,
                               const struct hg_cells *cells, const int *owner, int ranks,
                               struct hg_partition_quality *quality);

/** The same for METIS's direct k-way partition of the nodes into `ranks` parts, without cells: what the quality of a
 *  choice of owners is compared with. Collective. */
hg_status hg_partition_direct_quality(const struct hg_comm *comm, const struct hg_node_table *rows, int ranks,
                                      struct hg_partition_quality *quality);

#endif
