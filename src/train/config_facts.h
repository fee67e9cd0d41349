/** What ranks must have been told alike. */
#ifndef HG_TRAIN_CONFIG_FACTS_H
#define HG_TRAIN_CONFIG_FACTS_H

#include "dist/facts.h"
#include "train/config.h"

/** Fails with HG_USAGE on every rank unless all ranks hold the same configuration of `verb`: "options: host B (rank 1) has --lr 0.1, host A
 *  (rank 0) 0.01"; or the same values from other places (command line, file, recipe, default). --threads and the
 *  name of --config may differ. Collective. */
hg_status hg_config_compare(const struct hg_comm *comm, enum hg_verb verb, const struct hg_config *config);

#endif
