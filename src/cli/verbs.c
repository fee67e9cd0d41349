#include "cli/verbs.h"

#include "cli/agreement.h"
#include "cli/usage.h"

static hg_status (*const run_verb[HG_VERBS])(const struct hg_comm *, struct hg_config *) = {
    [HG_VERB_IMPORT] = hg_verb_import,   [HG_VERB_GENERATE] = hg_verb_generate,
    [HG_VERB_INFO] = hg_verb_info,       [HG_VERB_PARTITION] = hg_verb_partition,
    [HG_VERB_PLAN] = hg_verb_plan,       [HG_VERB_TRAIN] = hg_verb_train,
    [HG_VERB_EVAL] = hg_verb_eval,       [HG_VERB_PREDICT] = hg_verb_predict,
    [HG_VERB_EXPLAIN] = hg_verb_explain,
};

hg_status hg_verb_run(const struct hg_comm *comm, enum hg_verb verb, int argc, char **argv)
{
    struct hg_config config;
    bool help = false;
    hg_status status = hg_agree_on_config(comm, verb, argc, argv, &config, &help);
    if (status == HG_OK && !help)
        status = hg_agree(comm, comm->rank == 0 ? hg_config_check_files(verb, &config) : HG_OK);
    if (status == HG_OK) status = help ? hg_usage_help(comm, verb) : run_verb[verb](comm, &config);
    hg_config_destroy(&config);
    return status;
}
