/** What all ranks agree on before a verb begins: one program, one command line. Each failure is one line that names the
 *  host at odds. */
#ifndef HG_CLI_AGREEMENT_H
#define HG_CLI_AGREEMENT_H

#include "cli/config.h"
#include "dist/comm.h"

/** All ranks run the same build of the program, and were asked for the same verb (without a verb: given the same
 *  words). Collective, and the first messages of all. */
hg_status hg_agree_on_program(const struct hg_comm *comm, int argc, char **argv);

/** hg_config_parse on every rank; then all hold the same configuration, files included. As hg_config_parse otherwise.
 *  Collective. */
hg_status hg_agree_on_config(const struct hg_comm *comm, enum hg_verb verb, int argc, char **argv,
                             struct hg_config *config, bool *help);

#endif
