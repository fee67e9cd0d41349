/** A model made from a configuration and a dataset, and its way into and out of checkpoints.
 */
#ifndef HG_TRAIN_TRAINED_H
#define HG_TRAIN_TRAINED_H

#include "io/hdf5/h5.h"
#include "nn/model.h"
#include "train/dataset.h"
#include "train/options.h"

/** The blocks of these settings, with so many outputs. Fails when heads or widths do not fit. Local. */
hg_status hg_trained_options(const struct hg_model_settings *settings, int64_t outputs,
                             struct hg_model_options *options);

/** The model of these settings on `data`, its parameters zero. Fails when heads or widths do not fit. Collective. */
hg_status hg_dataset_model_create(const struct hg_model_settings *settings, const struct hg_dataset *data,
                                  const struct hg_backend *backend, bool training, struct hg_model **model);

/** Where a run stood when a checkpoint was written. */
struct hg_trained_place {
    int64_t epoch, best_epoch;
    double best_val;     /**< NaN: no validation */
    const char *run;     /**< id of the run */
    const char *options; /**< of the training, as text: what is needed to use the parameters */
};

/** Writes a checkpoint: `values` in memory's layout (params.count numbers), the statistics, and what `place` says.
 *  Collective. */
hg_status hg_trained_write(const char *path, const struct hg_model *model, const hg_real *values,
                           const struct hg_statistics *statistics, const struct hg_trained_place *place);

/** Reads the parameters of a checkpoint (or of any file with /params) into the model. Collective. */
hg_status hg_trained_read_params(const char *path, struct hg_model *model);

/** Reads the statistics that `statistics` has room for. Collective. */
hg_status hg_trained_read_statistics(const struct hg_comm *comm, const char *path,
                                     struct hg_statistics *statistics);

/** SHA-256 (hex) of the parameters in the checkpoint's order and layout. Local, but allocates. */
hg_status hg_trained_sha256(const struct hg_model *model, char hex[65]);

/** Everything that eval, predict and explain need: dataset with the checkpoint's statistics applied, model with its
 *  parameters. */
struct hg_trained {
    struct hg_dataset data;
    struct hg_model *model;
    const char *checkpoint; /**< the file's name, for messages; not owned */
};

/** Opens the data set (with edge ids if asked for) and the model of a checkpoint. options: those of its training, which
 *  it keeps as text (attribute `config`), with the graph and whatever else its user says. Destroy with
 *  hg_trained_close, also after a failure. Collective. */
hg_status hg_trained_open(const struct hg_comm *comm, const char *checkpoint,
                          const struct hg_train_options *options, bool edge_ids, struct hg_trained *trained);
void hg_trained_close(struct hg_trained *trained);

/** Fails when a checkpoint could be used on no graph with the options that it keeps: names, types and shapes of parameters and statistics
 *  are compared as far as they are known without the graph. Local. */
hg_status hg_trained_check(const struct hg_h5 *file, const struct hg_train_options *options);

/** Outputs [owned, C] of the model in *outputs, which it owns. Fails when one is not finite, as when weights are huge. Collective. */
hg_status hg_trained_outputs(struct hg_trained *trained, hg_real **outputs);

/** The same of outputs [owned, C] that were made of them. Local. */
hg_status hg_trained_check_outputs(const struct hg_trained *trained, const hg_real *value);

#endif
