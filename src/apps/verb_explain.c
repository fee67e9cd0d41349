#include "apps/verbs.h"
#include "train/explain.h"
#include <stdio.h>

hg_status hg_verb_explain(const struct hg_comm *comm, struct hg_config *config)
{
    HG_TRY(hg_explain(comm, config));
    if (comm->rank == 0 && !config->quiet)
        printf("%s: attention coefficients by layer, in the order of the imported edges\n", config->out);
    return HG_OK;
}
