/** Compares the configurations of all ranks. */
#ifndef HG_CLI_CONFIG_FACTS_H
#define HG_CLI_CONFIG_FACTS_H

#include "cli/config.h"
#include "dist/facts.h"

/** Fails with HG_USAGE on every rank unless all ranks have the same values of the options of `verb` ("options: host B
 *  (rank 1) has --lr 0.1, host A (rank 0) 0.01") from the same sources (command line, file, recipe, default).
 *  --threads and the path of --config may differ. Collective. */
hg_status hg_config_compare(const struct hg_comm *comm, enum hg_verb verb, const struct hg_config *config);

#endif
