#include "cli/verbs.h"
#include "train/trainer.h"

hg_status hg_verb_train(const struct hg_comm *comm, struct hg_config *config)
{
    return hg_train(comm, config);
}
