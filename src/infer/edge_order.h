/** The places of edges in results: PyG's order, whatever rank an edge is on. */
#ifndef HG_INFER_EDGE_ORDER_H
#define HG_INFER_EDGE_ORDER_H

#include "graph/shard.h"

/** In-edges of some owned targets, in the shard's order. */
struct hg_edge_list {
    int64_t count;     /**< on this rank */
    int64_t total;     /**< on all ranks */
    hg_eid *edge;      /**< [count] place in the shard's in-edges */
    int64_t *ends;     /**< [count, 2] imported ids: source, target */
    int64_t *id;       /**< [count] place in the imported edge list; -1: added */
    int64_t *position; /**< [count] place in results */
};

/** Lists the in-edges of the owned targets for which wanted[i] is not 0 (wanted NULL: all) and orders them over all ranks: imported
 *  edges by their place in the imported list, then edges added by --undirected by target and source, then the model's self-loops by
 *  node. Destroy also after a failure. Collective. */
hg_status hg_edge_list_create(const struct hg_shard *shard, const uint8_t *wanted, struct hg_edge_list *list);
void hg_edge_list_destroy(struct hg_edge_list *list);

#endif
