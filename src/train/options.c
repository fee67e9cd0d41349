#include "train/options.h"

const char *const hg_normalize_name[HG_NORMALIZE_KINDS] = {
    [HG_NORMALIZE_NONE] = "none", [HG_NORMALIZE_ROW] = "row", [HG_NORMALIZE_STANDARD] = "standard"};

const char *const hg_monitor_name[HG_MONITORS] = {
    [HG_MONITOR_VAL_METRIC] = "val_metric", [HG_MONITOR_VAL_LOSS] = "val_loss", [HG_MONITOR_BOTH] = "both"};

#define METRIC_NAME(NAME, name, ...) [HG_METRIC_##NAME] = #name,
const char *const hg_metric_name[HG_METRICS] = {[HG_METRIC_AUTO] = "auto", HG_METRIC_LIST(METRIC_NAME)};

#define ACTIVATION_NAME(NAME, name, ...) [HG_##NAME] = #name,
const char *const hg_activation_name[HG_ACTIVATIONS] = {HG_ACTIVATION_LIST(ACTIVATION_NAME, )};

const char *const hg_halo_dtype_name[HG_HALO_DTYPES] = {[HG_HALO_REAL] = "f32", [HG_HALO_BF16] = "bf16"};

struct hg_train_options hg_train_options_default(void)
{
    return (struct hg_train_options){
        .data = {.partitioner = HG_PARTITION_AUTO,
                 .self_loops = true,
                 .edge_features = true,
                 .split_train = -1,
                 .split_val = -1,
                 .split_seed = -1},
        .model = {.conv = HG_CONV_gat,
                  .heads = {2, {4, 1}},
                  .hidden = {1, {32}},
                  .concat = true,
                  .bias = true,
                  .activation = HG_ELU,
                  .negative_slope = 0.2,
                  .halo_dtype = HG_HALO_REAL},
        .optim = {.kind = HG_ADAM, .lr = 0.005},
        .epochs = 200,
        .eval_every = 1,
        .monitor = HG_MONITOR_VAL_METRIC,
        .metric = HG_METRIC_AUTO,
        .runs = 1,
        .checkpoint_minutes = 10,
        .keep = 2,
        .stop_within = 25,
        .stall_minutes = 10,
    };
}

struct hg_data_options hg_train_options_data(const struct hg_train_options *options)
{
    struct hg_data_options data = options->data;
    if (data.split_seed < 0) data.split_seed = options->seed;
    return data;
}
