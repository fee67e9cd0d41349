#include "base/printable.h"
#include "cli/results.h"
#include "cli/trained_model.h"
#include "cli/verbs.h"
#include "infer/explain.h"
#include "io/atomic.h"

hg_status hg_verb_explain(const struct hg_comm *comm, struct hg_config *config)
{
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    struct hg_trained trained;
    hg_status status = hg_open_trained(comm, config, (struct hg_trained_wants){.edge_ids = true}, &trained);
    if (status == HG_OK) status = hg_explain(comm, &trained, &config->nodes, config->out);
    hg_trained_close(&trained);
    if (status == HG_OK && comm->rank == 0 && !config->quiet)
        hg_print("%s: attention coefficients by layer, in the order of the imported edges\n",
                 hg_printed(config->out, shown, sizeof shown));
    return status;
}
