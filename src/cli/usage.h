/** What the program says about itself, and about command lines without a verb. */
#ifndef HG_CLI_USAGE_H
#define HG_CLI_USAGE_H

#include "cli/config.h"
#include "dist/comm.h"

/** The options of a verb, on rank 0. Collective. */
hg_status hg_usage_help(const struct hg_comm *comm, enum hg_verb verb);

/** A command line whose first word is no verb: help, help VERB, --help, --version, or a mistake, for which it fails
 *  with what to write. Prints on rank 0. Collective. */
hg_status hg_usage(const struct hg_comm *comm, int argc, char **argv);

#endif
