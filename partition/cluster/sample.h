/** Thins out the light edges of a level. */
#ifndef HG_PARTITION_CLUSTER_SAMPLE_H
#define HG_PARTITION_CLUSTER_SAMPLE_H

#include "partition/level.h"

/** Samples light edges as hg_level_contract says, so that about `edges` directed edges of all ranks stay; nothing
 *  changes when there are not more. level->neighbour holds ids. Collective. */
void hg_level_sample(struct hg_level *level, int64_t edges);

#endif
