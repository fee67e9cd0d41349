#include "base/printable.h"
#include "cli/verbs.h"
#include "infer/explain.h"
#include "io/atomic.h"
#include <stdio.h>

hg_status hg_verb_explain(const struct hg_comm *comm, struct hg_config *config)
{
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    HG_TRY(hg_explain(comm, config));
    if (comm->rank == 0 && !config->quiet)
        printf("%s: attention coefficients by layer, in the order of the imported edges\n",
               hg_printed(config->out, shown, sizeof shown));
    return HG_OK;
}
