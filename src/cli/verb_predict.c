#include "base/printable.h"
#include "cli/results.h"
#include "cli/trained_model.h"
#include "cli/verbs.h"
#include "infer/predict.h"
#include "io/atomic.h"

hg_status hg_verb_predict(const struct hg_comm *comm, struct hg_config *config)
{
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    struct hg_trained trained;
    const struct hg_predict_files files = {config->out, config->text};
    hg_status status = hg_open_trained(comm, config, (struct hg_trained_wants){0}, &trained);
    if (status == HG_OK) status = hg_predict(comm, &trained, &files);
    hg_trained_close(&trained);
    if (status == HG_OK && comm->rank == 0 && !config->quiet)
        hg_print("%s: outputs and predictions of every node\n", hg_printed(config->out, shown, sizeof shown));
    return status;
}
