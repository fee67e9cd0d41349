#include "apps/verbs.h"
#include "train/explain.h"
#include <stdio.h>

hg_status hg_verb_explain(const struct hg_comm *comm, const struct hg_config *config)
{
    struct hg_config merged = *config;
    HG_TRY(hg_explain(comm, &merged));
    if (comm->rank == 0 && !config->quiet)
        printf("%s: attention coefficients by layer, in the order of the imported edges\n", config->out);
    return HG_OK;
}
