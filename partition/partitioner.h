/** Which node is in which cell, and which rank owns which cell.
 *
 *  Cells do not depend on the number of ranks. METIS partitions the symmetrised graph into cells on rank 0, the only place
 *  that may hold arrays as long as the whole graph; for P ranks it then partitions the small weighted graph of cells.
 *  (Karypis & Kumar, "A fast and high quality multilevel scheme for partitioning irregular graphs", SISC 1998.)
 */
#ifndef HG_PARTITION_PARTITIONER_H
#define HG_PARTITION_PARTITIONER_H

#include "graph/cells.h"
#include "graph/node_table.h"

enum hg_partitioner { HG_PARTITION_METIS, HG_PARTITION_BLOCK, HG_PARTITION_RANDOM, HG_PARTITIONERS };

/** "metis", "block", "random". */
extern const char *const hg_partitioner_name[HG_PARTITIONERS];

struct hg_partition_options {
    enum hg_partitioner method;
    int64_t cells; /**< wanted number of cells; 0: by size (hg_default_cells) */
    uint64_t seed; /**< of `random` and of METIS */
};

/** About 2,048 nodes per cell, at least 32 cells where they keep 64 nodes each, at least 1. Local. */
int64_t hg_default_cells(hg_gid num_nodes);

/** Puts rows into cell order.
 *
 *  rows   in: blocks of imported ids (any number of rows per rank, as hg_build_rows gives them)
 *         out: the rows of the cells that this rank owns; stored and indices are places in the cell order
 *  cells  out: offsets, edges, graph of cells and owners for comm->size ranks, equal on every rank
 *  Fails when the graph is too large for METIS (32-bit indices), and says what to do then. Collective. */
hg_status hg_partition(const struct hg_comm *comm, const struct hg_partition_options *options,
                       struct hg_node_table *rows, struct hg_cells *cells);

/** Chooses owners for `ranks` ranks into owner[C], balancing edges and nodes with little halo; the same on every rank of
 *  comm. Where there are more ranks than cells, some own nothing. Collective. */
hg_status hg_partition_owners(const struct hg_comm *comm, const struct hg_cells *cells, int ranks,
                              int *owner);

/** What a choice of owners means. */
struct hg_partition_quality {
    int64_t edge_cut;      /**< directed edges whose ends have different owners */
    int64_t halo_rows;     /**< copies of sources' rows over all ranks */
    int64_t max_halo;      /**< of one rank */
    double node_balance;   /**< most nodes of a rank / mean */
    double edge_balance;   /**< most in-edges of a rank / mean */
    double interior_share; /**< rows without halo / rows */
};

/** Quality of owners for `ranks` ranks (any number, also other than comm->size), exact.
 *  rows in cell order as hg_partition leaves them. Collective. */
hg_status hg_partition_quality(const struct hg_comm *comm, const struct hg_node_table *rows,
                               const struct hg_cells *cells, const int *owner, int ranks,
                               struct hg_partition_quality *quality);

/** The same for METIS's direct k-way partition of the nodes into `ranks` parts: the yardstick. Collective. */
hg_status hg_partition_direct_quality(const struct hg_comm *comm, const struct hg_node_table *rows, int ranks,
                                      struct hg_partition_quality *quality);

#endif
