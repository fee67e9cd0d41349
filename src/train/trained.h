/** A model made from a configuration and a dataset, and its way into and out of checkpoints.
 */
#ifndef HG_TRAIN_TRAINED_H
#define HG_TRAIN_TRAINED_H

#include "nn/model.h"
#include "train/config.h"
#include "train/dataset.h"

/** The model that `config` describes on `data`, its parameters zero. Fails when heads or widths do not fit. Collective. */
hg_status hg_trained_create(const struct hg_config *config, const struct hg_dataset *data,
                            const struct hg_machine *machine, bool training, struct hg_model **model);

/** Where a run stood when a checkpoint was written. */
struct hg_trained_place {
    int64_t epoch, best_epoch;
    double best_val; /**< NaN: no validation */
    const char *run; /**< id of the run */
};

/** Writes a checkpoint: `values` in memory's layout (params.count numbers), the configuration, the statistics.
 *  Collective. */
hg_status hg_trained_write(const char *path, const struct hg_model *model, const hg_real *values,
                           const struct hg_config *config, const struct hg_statistics *statistics,
                           const struct hg_trained_place *place);

/** Reads the parameters of a checkpoint (or of any file with /params) into the model. Collective. */
hg_status hg_trained_read_params(const char *path, struct hg_model *model);

/** Reads the statistics that `statistics` has room for. Collective. */
hg_status hg_trained_read_statistics(const struct hg_comm *comm, const char *path,
                                     struct hg_statistics *statistics);

/** Merges the configuration kept in the checkpoint config->checkpoint into config. Collective. */
hg_status hg_trained_read_config(const struct hg_comm *comm, struct hg_config *config);

/** SHA-256 (hex) of the parameters in the checkpoint's order and layout. Local, but allocates. */
hg_status hg_trained_sha256(const struct hg_model *model, char hex[65]);

/** Everything that eval, predict and explain need: dataset with the checkpoint's statistics applied, model with its
 *  parameters. */
struct hg_trained {
    struct hg_dataset data;
    struct hg_model *model;
};

/** What is done with a trained model. Collective. */
typedef hg_status hg_trained_fn(const struct hg_comm *comm, const struct hg_config *config,
                                struct hg_trained *trained);

/** Completes config from the checkpoint it names, opens dataset (with edge ids if asked for) and model, calls `use`, and releases them. Collective. */
hg_status hg_trained_use(const struct hg_comm *comm, struct hg_config *config, bool edge_ids,
                         hg_trained_fn *use);

#endif
