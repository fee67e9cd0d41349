/** Thins out the light edges of a coarse level: an edge of weight w < t stays with probability w / t, and then weighs t
 *  (Gottesbueren et al., "Linear-time multilevel graph partitioning via edge sparsification", 2025). */
#ifndef HG_PARTITION_CLUSTER_SAMPLE_H
#define HG_PARTITION_CLUSTER_SAMPLE_H

#include "dist/comm.h"

enum { HG_POWERS = 33 };

/** Edges, and the sums of their weights, by the powers of 2 that their weights lie in. */
struct hg_weights {
    int64_t count[HG_POWERS], sum[HG_POWERS];
};

/** Counts an edge. Local. */
void hg_weights_add(struct hg_weights *weights, uint32_t weight);

/** About how many of the counted edges stay with threshold t. Local. */
int64_t hg_weights_kept(const struct hg_weights *weights, uint64_t t);

/** The smallest power of 2 as the threshold with which about `edges` of the edges that all ranks counted stay; 1, with
 *  which all stay, when there are not more. Collective. */
uint64_t hg_weights_threshold(const struct hg_comm *comm, const struct hg_weights *weights, int64_t edges);

/** The weight of an edge between a and b after sampling with threshold t; 0: it does not stay. The hash of its ends
 *  decides, so that both owners of the edge decide alike. Local. */
uint32_t hg_sampled_weight(uint32_t a, uint32_t b, uint32_t weight, uint64_t t);

#endif
