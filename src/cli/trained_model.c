#include "cli/trained_model.h"

#include "base/mem.h"
#include "cli/environment.h"
#include "io/checkpoint.h"

static hg_status read_options(const struct hg_comm *comm, struct hg_config *config)
{
    char *yaml = NULL;
    HG_TRY(hg_checkpoint_read_text(comm, config->checkpoint, "config", &yaml));
    const hg_status status =
        yaml != NULL ? hg_config_read_checkpoint(config->checkpoint, yaml, config)
                     : hg_fail(HG_FAILED, config->checkpoint, "has no configuration (attribute config)");
    hg_mem_free(yaml);
    return hg_agree(comm, status);
}

hg_status hg_open_trained(const struct hg_comm *comm, struct hg_config *config, struct hg_trained_wants wants,
                          struct hg_trained *trained)
{
    *trained = (struct hg_trained){0};
    HG_TRY(read_options(comm, config));
    hg_environment_choose_blas(comm);
    return hg_trained_open(comm, config->checkpoint, &config->train, wants, trained);
}
