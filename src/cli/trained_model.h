/** The trained model that a command line names: its checkpoint's options, and what the command line says otherwise. */
#ifndef HG_CLI_TRAINED_MODEL_H
#define HG_CLI_TRAINED_MODEL_H

#include "cli/config.h"
#include "train/trained.h"

/** Merges the options that the checkpoint config->checkpoint keeps into `config`, and opens its model and data set
 *  (with edge ids if asked for). hg_trained_close afterwards, also after a failure. Collective. */
hg_status hg_open_trained(const struct hg_comm *comm, struct hg_config *config, bool edge_ids,
                          struct hg_trained *trained);

#endif
