#include "apps/verbs.h"
#include "train/predict.h"
#include <stdio.h>

hg_status hg_verb_predict(const struct hg_comm *comm, struct hg_config *config)
{
    HG_TRY(hg_predict(comm, config));
    if (comm->rank == 0 && !config->quiet) printf("%s: outputs and predictions of every node\n", config->out);
    return HG_OK;
}
