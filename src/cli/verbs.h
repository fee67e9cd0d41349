/** The verbs of the program. Each prints on rank 0 and returns the same status on every rank. `config` has the
 *  options of the verb; eval, predict and explain add those of the checkpoint to it. All are Collective.
 */
#ifndef HG_CLI_VERBS_H
#define HG_CLI_VERBS_H

#include "cli/config.h"
#include "dist/comm.h"

/** Reads the command line of a verb (argv[0] is its name; argv is permuted), and prints its help or calls one of the
 *  functions below. Collective. */
hg_status hg_verb_run(const struct hg_comm *comm, enum hg_verb verb, int argc, char **argv);

hg_status hg_verb_import(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_generate(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_info(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_partition(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_plan(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_train(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_eval(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_predict(const struct hg_comm *comm, struct hg_config *config);
hg_status hg_verb_explain(const struct hg_comm *comm, struct hg_config *config);

#endif
