#include "base/printable.h"
#include "cli/verbs.h"
#include "infer/predict.h"
#include "io/atomic.h"
#include <stdio.h>

hg_status hg_verb_predict(const struct hg_comm *comm, struct hg_config *config)
{
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    HG_TRY(hg_predict(comm, config));
    if (comm->rank == 0 && !config->quiet)
        printf("%s: outputs and predictions of every node\n", hg_printed(config->out, shown, sizeof shown));
    return HG_OK;
}
