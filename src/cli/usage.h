/** Prints help and version, and handles command lines without a verb. */
#ifndef HG_CLI_USAGE_H
#define HG_CLI_USAGE_H

#include "cli/config.h"
#include "dist/comm.h"

/** Prints the options of a verb on rank 0. Collective. */
hg_status hg_usage_help(const struct hg_comm *comm, enum hg_verb verb);

/** Handles a command line whose first word is not a verb: help, help VERB, --help and --version print on rank 0;
 *  anything else fails with a suggestion. Collective. */
hg_status hg_usage(const struct hg_comm *comm, int argc, char **argv);

#endif
