/** What training, evaluation and inference are told, as structs with named fields: a program fills them from its
 *  command line, or by hand. Nothing here owns memory: texts and the structs that point to them outlive the call that
 *  takes them.
 */
#ifndef HG_TRAIN_OPTIONS_H
#define HG_TRAIN_OPTIONS_H

#include "kernels/halo_dtype.h"
#include "kernels/pointwise.h"
#include "nn/conv.h"
#include "nn/optim.h"
#include "partition/partitioner.h"

enum { HG_MAX_LIST = 64 };

struct hg_int_list {
    int count;
    int64_t value[HG_MAX_LIST];
};

/** How node features are scaled: not at all, rows to sum 1, or columns to mean 0 and deviation 1 of the training
 *  nodes. */
enum hg_normalize { HG_NORMALIZE_NONE, HG_NORMALIZE_ROW, HG_NORMALIZE_STANDARD, HG_NORMALIZE_KINDS };

/** What an evaluation must improve (train/monitor.h). */
enum hg_monitor { HG_MONITOR_VAL_METRIC, HG_MONITOR_VAL_LOSS, HG_MONITOR_BOTH, HG_MONITORS };

/** HG_METRIC_AUTO: accuracy, micro-F1 or RMSE by task. */
enum hg_metric {
    HG_METRIC_AUTO,
    HG_METRIC_ACCURACY,
    HG_METRIC_MICRO_F1,
    HG_METRIC_RMSE,
    HG_METRIC_MAE,
    HG_METRIC_R2,
    HG_METRICS
};

/** Names of the choices, as users write them and checkpoints keep them; hg_conv_name, hg_optimizer_name and
 *  hg_partitioner_name are those of theirs. */
extern const char *const hg_normalize_name[HG_NORMALIZE_KINDS]; /**< "none", "row", "standard" */
extern const char *const hg_monitor_name[HG_MONITORS];          /**< "val_metric", "val_loss", "both" */
extern const char *const hg_metric_name[HG_METRICS];            /**< "auto", "accuracy", ... */
extern const char *const hg_activation_name[HG_ACTIVATIONS];    /**< "elu", "relu", "none" */
extern const char *const hg_halo_dtype_name[HG_HALO_DTYPES];    /**< "f32", "bf16" */

/** Which graph, and what is made of it before the first epoch. */
struct hg_data_options {
    const char *graph;               /**< the graph file */
    enum hg_partitioner partitioner; /**< makes the cells of a file that is not in cell order */
    int64_t cells;                   /**< wanted number of them; 0: by the graph's size */
    bool self_loops;                 /**< one per node in place of existing ones */
    bool edge_features;              /**< those of the file are used */
    int64_t split; /**< column of the masks; -1: all, one after the other (training), else the first */
    double split_train,
        split_val;      /**< shares of a random split in place of the file's masks; train < 0: none */
    int64_t split_seed; /**< of that split; -1: the seed of the training */
    enum hg_normalize normalize_features;
    bool standardize_targets; /**< regression: to mean 0 and deviation 1 of the training nodes */
};

/** The model, whatever the graph: hg_dataset_model_create makes the blocks of a data set's model of it. */
struct hg_model_settings {
    enum hg_conv_kind conv;    /**< of every layer */
    struct hg_int_list heads;  /**< an entry per layer: also the depth */
    struct hg_int_list hidden; /**< features per head: one entry, or one per hidden layer */
    bool concat; /**< hidden layers put their heads side by side, or average them; the last one averages */
    bool bias, residual;
    enum hg_activation activation; /**< of hidden layers */
    double negative_slope;         /**< of LeakyReLU */
    double dropout, attn_dropout;  /**< of each layer's input, of attention coefficients */
    enum hg_halo_dtype halo_dtype; /**< how rows that edges gather are kept, and travel */
};

/** Data, model, and how it is trained. Evaluation and inference use the data, the model, `threads` and `metric`. */
struct hg_train_options {
    struct hg_data_options data;
    struct hg_model_settings model;
    struct hg_optim_options optim;
    int64_t epochs;     /**< 0: only the initial parameters are written */
    int64_t eval_every; /**< epochs between evaluations; the last epoch is always evaluated */
    int64_t patience;   /**< evaluations without improvement before stopping; 0: never */
    enum hg_monitor monitor;
    enum hg_metric metric;
    int64_t seed;     /**< of all that is random; at least 0 */
    int64_t runs;     /**< with seeds from `seed` on */
    const char *init; /**< file of the initial parameters; NULL: random ones */
    const char *out;  /**< folder of the run; of several runs, of the series */
    bool overwrite;   /**< the run that is in it is replaced */
    int64_t threads;  /**< per rank; 0: the rank's share of its cores */
};

/** The options of a training of which nothing is said but `data.graph` and `out`, which are NULL here. */
struct hg_train_options hg_train_options_default(void);

/** options->data with its split_seed settled: -1 becomes options->seed. */
struct hg_data_options hg_train_options_data(const struct hg_train_options *options);

#endif
