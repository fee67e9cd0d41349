/** The verbs of the program: each does what `halogat VERB` says, prints on rank 0, and returns the same status on every
 *  rank. `config` is the verb's own; eval, predict and explain complete it from the checkpoint. All are Collective.
 */
#ifndef HG_CLI_VERBS_H
#define HG_CLI_VERBS_H

#include "cli/config.h"
#include "dist/comm.h"

/** Reads the verb's command line (argv[0]: its name; permuted), and does what it says: help, or one of the functions
 *  below. Collective. */
hg_status hg_verb_run(const struct hg_comm *comm, enum hg_verb verb, int argc, char **argv);

hg_status hg_verb_import(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_generate(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_info(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_partition(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_train(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_eval(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_predict(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_explain(const struct hg_comm *comm, struct hg_config *config);

#endif
