/** The options of training, evaluation and inference, as structs that the calling program fills. They own no memory:
 *  texts must outlive the call that gets them.
 */
#ifndef HG_TRAIN_OPTIONS_H
#define HG_TRAIN_OPTIONS_H

#include "kernels/halo_dtype.h"
#include "kernels/pointwise.h"
#include "nn/conv.h"
#include "nn/optim.h"
#include "partition/partitioner.h"
#include "train/metric.h"

enum { HG_MAX_LIST = 64 };

struct hg_int_list {
    int count;
    int64_t value[HG_MAX_LIST];
};

/** How node features are scaled: not at all, rows to sum 1, or columns to mean 0 and deviation 1 of the training
 *  nodes. */
enum hg_normalize { HG_NORMALIZE_NONE, HG_NORMALIZE_ROW, HG_NORMALIZE_STANDARD, HG_NORMALIZE_KINDS };

/** The quantity by which epochs are compared, for the best epoch and for early stopping (train/monitor.h). */
enum hg_monitor { HG_MONITOR_VAL_METRIC, HG_MONITOR_VAL_LOSS, HG_MONITOR_BOTH, HG_MONITORS };

/** Names of enum values, as in options and checkpoints. Those of other enums are hg_conv_name, hg_optimizer_name and
 *  hg_partitioner_name. */
extern const char *const hg_normalize_name[HG_NORMALIZE_KINDS]; /**< "none", "row", "standard" */
extern const char *const hg_monitor_name[HG_MONITORS];          /**< "val_metric", "val_loss", "both" */
extern const char *const hg_metric_name[HG_METRICS];            /**< "auto", "accuracy", ... */
extern const char *const hg_activation_name[HG_ACTIVATIONS];    /**< "elu", "relu", "none" */
extern const char *const hg_halo_dtype_name[HG_HALO_DTYPES];    /**< "f32", "bf16" */

/** The graph, and how it is prepared for training. */
struct hg_data_options {
    const char *graph;               /**< the graph file */
    enum hg_partitioner partitioner; /**< how cells are made when the file is not in cell order */
    const char *parts;  /**< partitioner `file`: the file of parts (io/text/parts.h); else NULL */
    int64_t cells;      /**< number of cells in that case; 0: by the graph's size */
    bool self_loops;    /**< replace existing self-loops by one per node */
    bool edge_features; /**< use the edge features of the file */
    int64_t split; /**< column of the masks; -1: train on all, one after the other; otherwise the first */
    /** shares of a random split, which replaces the file's masks; split_train < 0: no random split */
    double split_train, split_val;
    int64_t split_seed; /**< seed of the random split; -1: that of the training */
    enum hg_normalize normalize_features;
    bool standardize_targets; /**< regression: targets of mean 0 and deviation 1 over the training nodes */
};

/** The model, without the sizes that depend on the graph (hg_dataset_model_create adds them). */
struct hg_model_settings {
    enum hg_conv_kind conv;    /**< of every layer */
    struct hg_int_list heads;  /**< heads per layer; as many entries as layers */
    struct hg_int_list hidden; /**< features per head: one entry, or one per hidden layer */
    bool concat; /**< hidden layers concatenate their heads; false: average them, as the last layer does */
    bool bias, residual;
    enum hg_activation activation; /**< of hidden layers */
    double negative_slope;         /**< of LeakyReLU */
    double dropout, attn_dropout;  /**< of each layer's input, of attention coefficients */
    enum hg_halo_dtype halo_dtype; /**< type of the rows that edges gather and ranks exchange */
};

/** All options of a training. Evaluation and inference use data, model, `threads` and `metric`. */
struct hg_train_options {
    struct hg_data_options data;
    struct hg_model_settings model;
    struct hg_optim_options optim;
    int64_t epochs;     /**< 0: only the initial parameters are written */
    int64_t eval_every; /**< epochs between evaluations; the last epoch is always evaluated */
    int64_t patience;   /**< evaluations without improvement before stopping; 0: never stop early */
    enum hg_monitor monitor;
    enum hg_metric metric;
    int64_t seed;             /**< of all random numbers; >= 0 */
    int64_t runs;             /**< number of runs, with seeds seed, seed + 1, ... */
    const char *init;         /**< file of the initial parameters; NULL: random parameters */
    const char *out;          /**< folder of the run, or of the series of runs */
    bool overwrite;           /**< replace a run in that folder */
    bool resume;              /**< continue the run in that folder, if there is one */
    int64_t checkpoint_every; /**< epochs between checkpoints; 0: by time only */
    double
        checkpoint_minutes; /**< minutes between checkpoints, and between writes of best.h5; 0: not by time */
    int64_t keep;           /**< number of checkpoints that are kept */
    /** seconds in which a request to stop is served; when epochs take longer, a checkpoint follows each epoch */
    double stop_within;
    double stall_minutes; /**< the program ends a job without progress after so many minutes; 0: never */
    double max_minutes;   /**< stop, with a checkpoint, after so many minutes; 0: no limit */
    int64_t threads;      /**< per rank; 0: see hg_threads_choose */
};

/** The defaults; data.graph and out are NULL and must be set. Local. */
struct hg_train_options hg_train_options_default(void);

/** A copy of options->data in which a split_seed of -1 is replaced by options->seed. Local. */
struct hg_data_options hg_train_options_data(const struct hg_train_options *options);

#endif
