/** The order of edges in results, which is PyTorch Geometric's and does not depend on ranks. */
#ifndef HG_INFER_EDGE_ORDER_H
#define HG_INFER_EDGE_ORDER_H

#include "graph/shard.h"

/** In-edges of some or all owned targets, in the shard's order. */
struct hg_edge_list {
    int64_t count;     /**< edges on this rank */
    int64_t total;     /**< edges on all ranks */
    hg_eid *edge;      /**< [count] index in the shard's in-edges */
    int64_t *ends;     /**< [count, 2] imported ids: source, target */
    int64_t *id;       /**< [count] index in the imported edge list; -1: not imported */
    int64_t *position; /**< [count] row in the file of results */
};

/** Lists the in-edges of the owned targets for which wanted [owned] is not 0 (NULL: of all targets) and finds their
 *  positions among the edges of all ranks: first imported edges by edge id, then edges added by --undirected by
 *  target and source, then the model's self-loops by node. Needs a shard with edge ids. Destroy also after a failure.
 *  Collective. */
hg_status hg_edge_list_create(const struct hg_shard *shard, const uint8_t *wanted, struct hg_edge_list *list);
void hg_edge_list_destroy(struct hg_edge_list *list);

#endif
