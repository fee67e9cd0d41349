/** Makes a model from options and a data set; writes it to checkpoints and reads it back.
 */
#ifndef HG_TRAIN_TRAINED_H
#define HG_TRAIN_TRAINED_H

#include "io/checkpoint.h"
#include "io/hdf5/h5.h"
#include "nn/model.h"
#include "train/dataset.h"
#include "train/options.h"

/** Makes the options of a model's blocks from settings and the number of outputs. Fails when there are too many
 *  layers or a layer is too wide. Local. */
hg_status hg_trained_options(const struct hg_model_settings *settings, int64_t outputs,
                             struct hg_model_options *options);

/** Creates the model of these settings on `data`, with all parameters 0. training: it is made for training, too, and
 *  its training passes compute only what the loss needs. Fails as hg_trained_options. Destroy with hg_model_destroy.
 *  Collective. */
hg_status hg_dataset_model_create(const struct hg_model_settings *settings, const struct hg_dataset *data,
                                  const struct hg_backend *backend, bool training, struct hg_model **model);

/** A vector as long as the parameters, in the layout in memory: a group of tensors in a checkpoint, with the names
 *  and shapes of the parameters. */
struct hg_trained_vector {
    const char *group; /**< "params", "optimizer/m" */
    hg_real *values;   /**< [params.count] */
};

enum { HG_TRAINED_VECTORS = 8 /**< at most in a checkpoint */ };

/** The data set of class names in checkpoints. */
#define HG_TRAINED_CLASS_NAMES "/model/class_name"

/** The contents of a checkpoint. */
struct hg_trained_contents {
    const struct hg_trained_vector *vectors;
    int num_vectors;
    const struct hg_statistics *statistics;
    const struct hg_graph_info *graph; /**< of the training: its class names are kept */
    const struct hg_attribute *attributes;
    int num_attributes;
};

/** Bytes that hg_trained_write allocates on every rank for the time of the call. Local. */
int64_t hg_trained_write_bytes(const struct hg_params *params, int num_vectors);

/** Writes a checkpoint of the model. Collective. */
hg_status hg_trained_write(const char *path, const struct hg_model *model,
                           const struct hg_trained_contents *contents);

/** Reads vectors of a checkpoint. Collective. */
hg_status hg_trained_read(const char *path, const struct hg_model *model,
                          const struct hg_trained_vector *vectors, int num_vectors);

/** Reads the parameters of a checkpoint (or of any file with /params) into the model. Collective. */
hg_status hg_trained_read_params(const char *path, struct hg_model *model);

/** Reads the statistics whose arrays are not NULL. Collective. */
hg_status hg_trained_read_statistics(const struct hg_comm *comm, const char *path,
                                     struct hg_statistics *statistics);

/** SHA-256, as hexadecimal text, of the parameters in the order and layout of checkpoints. Local; allocates. */
hg_status hg_trained_sha256(const struct hg_model *model, char hex[65]);

/** Whether labels of a graph can be compared with a model's outputs; if not, why. */
enum hg_labels {
    HG_LABELS_FIT,
    HG_LABELS_NONE,    /**< there are none */
    HG_LABELS_TASK,    /**< they are of another task, */
    HG_LABELS_COLUMNS, /**< or have other columns, */
    HG_LABELS_CLASSES  /**< or classes that the model does not know */
};

/** A trained model on a data set, as eval, predict and explain need it: features and targets are normalised by the
 *  checkpoint's statistics, and the model has its parameters. Task, outputs and class names are the model's: the graph
 *  may be another one than that of the training, without labels, or without some of the classes. */
struct hg_trained {
    struct hg_dataset data; /**< without labels unless they fit */
    struct hg_model *model;
    const char *checkpoint; /**< the file's name, for messages; not owned */
    enum hg_labels labels;
};

/** Reads what a checkpoint says of the graphs that its model can be used on: numbers of features, edge features and
 *  outputs, which follow from the shapes of its parameters, the task (HG_TASKS: the file does not say it) and class
 *  names; everything else is 0. Destroy with hg_graph_info_destroy, also after a failure. Collective. */
hg_status hg_trained_describe(const struct hg_comm *comm, const char *checkpoint,
                              const struct hg_train_options *options, struct hg_graph_info *model);

/** Gives a data set the outputs, task and class names of a model. Labels of classes with names get the numbers that
 *  the model has for these names. Labels that do not fit are dropped. Fails when the graph has other numbers of
 *  features or edge features. graph: its name, for messages. Collective. */
hg_status hg_trained_adopt(const struct hg_comm *comm, const char *graph, const struct hg_graph_info *model,
                           struct hg_trained *trained);

/** What is wanted of a trained model's graph. */
struct hg_trained_wants {
    bool edge_ids; /**< ids of edges */
    bool splits;   /**< masks, of the split that the options name; otherwise any graph's splits will do */
};

/** Opens the data set and the model of a checkpoint. options: those of the training, which the checkpoint keeps as text
 *  (attribute `config`), with the graph to be used and whatever else the user has changed. Close with
 *  hg_trained_close, also after a failure. Collective. */
hg_status hg_trained_open(const struct hg_comm *comm, const char *checkpoint,
                          const struct hg_train_options *options, struct hg_trained_wants wants,
                          struct hg_trained *trained);
void hg_trained_close(struct hg_trained *trained);

/** Fails when a checkpoint cannot be used on any graph with these options, which it keeps: checks names, types and
 *  shapes of parameters and statistics as far as they are known without a graph. Local. */
hg_status hg_trained_check(const struct hg_h5 *file, const struct hg_train_options *options);

/** Reads, from the shapes of parameters, the numbers of features, outputs and edge features that a graph must have.
 *  Local. */
hg_status hg_trained_sizes(const struct hg_h5 *file, const struct hg_train_options *options,
                           struct hg_graph_info *info);

/** Computes *outputs [owned, C]; the model owns them. Fails when one is not finite, as when weights are huge.
 *  Collective. */
hg_status hg_trained_outputs(struct hg_trained *trained, hg_real **outputs);

/** Fails when one of value [owned, C], which was computed from the outputs, is not finite. Local. */
hg_status hg_trained_check_outputs(const struct hg_trained *trained, const hg_real *value);

#endif
