/** Opens the trained model that a command line names, with the options of its checkpoint and those of the command
 *  line. */
#ifndef HG_CLI_TRAINED_MODEL_H
#define HG_CLI_TRAINED_MODEL_H

#include "cli/config.h"
#include "train/trained.h"

/** Merges the options of the checkpoint config->checkpoint into `config`, then opens its model and the data set. Call
 *  hg_trained_close afterwards, also after a failure. Collective. */
hg_status hg_open_trained(const struct hg_comm *comm, struct hg_config *config, struct hg_trained_wants wants,
                          struct hg_trained *trained);

#endif
