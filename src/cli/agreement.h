/** Checks, before a verb begins, that all ranks run the same program with the same command line. Each failure is one
 *  message that names the host that differs. */
#ifndef HG_CLI_AGREEMENT_H
#define HG_CLI_AGREEMENT_H

#include "cli/config.h"
#include "dist/comm.h"

/** Fails unless all ranks run the same build of the program and have the same verb or, without a verb, the same
 *  words. These are the first messages between ranks. Collective. */
hg_status hg_agree_on_program(const struct hg_comm *comm, int argc, char **argv);

/** hg_config_parse on every rank; fails also when the configurations, with what was read from files, differ between
 *  ranks. Collective. */
hg_status hg_agree_on_config(const struct hg_comm *comm, enum hg_verb verb, int argc, char **argv,
                             struct hg_config *config, bool *help);

#endif
