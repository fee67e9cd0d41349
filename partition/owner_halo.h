/** The halo rows of owners of cells, exactly, kept up to date while cells change their owners. */
#ifndef HG_PARTITION_OWNER_HALO_H
#define HG_PARTITION_OWNER_HALO_H

#include "graph/cells.h"

/** The nets of each cell: net[first[c]..first[c+1]]. */
struct hg_nets_of_cells {
    const struct hg_nets *nets;
    int64_t *first; /**< [C + 1] */
    int64_t *net;   /**< [entries of the nets] */
};

/** Destroy it also after a failure. Local. */
hg_status hg_nets_of_cells_create(const struct hg_nets *nets, int64_t cells, struct hg_nets_of_cells *of);
void hg_nets_of_cells_destroy(struct hg_nets_of_cells *of);

struct hg_owner_halo {
    const struct hg_nets *nets;
    const struct hg_nets_of_cells *of;
    int ranks;
    int *owner;      /**< [C]; the caller's */
    int64_t *rows;   /**< [ranks] halo rows of each rank */
    int64_t total;   /**< their sum */
    int64_t visited; /**< entries of nets that have been looked at so far: a measure of work */
    int64_t
        *near; /**< [C, ranks] rows of the cell's nets that have another cell of the rank; NULL: not wanted */
    int64_t *foreign; /**< [C] rows of the cell's nets that begin with another cell; NULL: not wanted */
};

/** Computes the halo rows of owner [C]. near: whether hg_halo_change will be asked. Destroy it also after a failure.
 *  Local. */
hg_status hg_owner_halo_create(const struct hg_nets_of_cells *of, int64_t cells, int ranks, int *owner,
                               bool near, struct hg_owner_halo *halo);
void hg_owner_halo_destroy(struct hg_owner_halo *halo);

/** Changes of the halo rows of two ranks; their sum is the change of `total`. */
struct hg_halo_change {
    int64_t from, to;
};

/** The changes when cell c goes to rank `to`: of its present owner, and of `to`. The cell's own rows come to the old
 *  rank's halo where other cells of it need them; rows of other cells leave that halo where no other cell of the rank
 *  has or needs them. For the new rank it is the reverse. Local. */
static inline struct hg_halo_change hg_halo_change(const struct hg_owner_halo *halo, int64_t c, int to)
{
    const int64_t *near = halo->near + c * halo->ranks, foreign = halo->foreign[c];
    return (struct hg_halo_change){near[halo->owner[c]] - foreign, foreign - near[to]};
}

/** Makes rank `to` the owner of cell c. Local. */
void hg_halo_assign(struct hg_owner_halo *halo, int64_t c, int to);

#endif
