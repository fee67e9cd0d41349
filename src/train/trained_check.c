/* Checks a checkpoint without a graph. */
#include "train/trained.h"

#include <stdio.h>

enum { PATH_BYTES = 64 + HG_PARAM_NAME };

hg_status hg_trained_sizes(const struct hg_h5 *file, const struct hg_train_options *options,
                           struct hg_graph_info *info)
{
    static const char edges[] = "/params/convs.0.lin_edge.weight";
    const struct hg_h5_shape matrix = {.classes = HG_H5_FLOAT, .dims = 2, .size = {-1, -1}},
                             attention = {.classes = HG_H5_FLOAT, .dims = 3, .size = {1, -1, -1}};
    struct hg_h5_shape shape;
    char last[PATH_BYTES];
    snprintf(last, sizeof last, "/params/convs.%d.att_src", options->model.heads.count - 1);
    HG_TRY(hg_h5_expect(file, "/params/convs.0.lin.weight", &matrix, &shape));
    info->num_features = shape.size[1];
    HG_TRY(hg_h5_expect(file, last, &attention, &shape));
    info->num_outputs = shape.size[2];
    if (info->num_outputs < 1) return hg_fail(HG_FAILED, file->path, "data set %s has no outputs", last);
    if (options->data.edge_features && hg_h5_exists(file, edges)) {
        HG_TRY(hg_h5_expect(file, edges, &matrix, &shape));
        info->num_edge_features = shape.size[1];
    }
    if (info->num_edge_features > HG_MAX_FEATURES)
        return hg_fail(HG_FAILED, file->path, "data set %s has too many columns", edges);
    return hg_graph_info_check(file->path, info);
}

static hg_status check_param(const struct hg_h5 *file, const struct hg_param *param)
{
    char path[PATH_BYTES];
    struct hg_h5_shape want = {.classes = HG_H5_FLOAT, .dims = param->dims};
    for (int d = 0; d < param->dims; d++) want.size[d] = param->shape[d];
    snprintf(path, sizeof path, "/params/%s", param->name);
    return hg_h5_expect(file, path, &want, NULL);
}

static hg_status check_params(const struct hg_h5 *file, const struct hg_train_options *options,
                              const struct hg_graph_info *info)
{
    struct hg_model_options model;
    struct hg_params params = {0};
    HG_TRY(hg_trained_options(&options->model, info->num_outputs, &model));
    hg_status status = hg_model_describe(&model, info->num_features, info->num_edge_features, &params);
    for (int64_t t = 0; status == HG_OK && t < params.num; t++) status = check_param(file, &params.list[t]);
    hg_params_destroy(&params);
    return status;
}

static hg_status check_statistic(const struct hg_h5 *file, const char *name, int64_t size)
{
    const struct hg_h5_shape want = {.classes = HG_H5_FLOAT, .dims = 1, .size = {size}};
    return hg_h5_expect(file, name, &want, NULL);
}

/* Targets are standardised only in regression, and the task is not known here: so their statistics are checked only
 * when the file has them. */
static hg_status check_statistics(const struct hg_h5 *file, const struct hg_train_options *options,
                                  const struct hg_graph_info *info)
{
    static const char shift[] = "/statistics/target_shift", unit[] = "/statistics/target_unit";
    if (options->data.normalize_features == HG_NORMALIZE_STANDARD) {
        HG_TRY(check_statistic(file, "/statistics/feature_shift", info->num_features));
        HG_TRY(check_statistic(file, "/statistics/feature_scale", info->num_features));
    }
    if (!options->data.standardize_targets || (!hg_h5_exists(file, shift) && !hg_h5_exists(file, unit)))
        return HG_OK;
    HG_TRY(check_statistic(file, shift, info->num_outputs));
    return check_statistic(file, unit, info->num_outputs);
}

hg_status hg_trained_check(const struct hg_h5 *file, const struct hg_train_options *options)
{
    struct hg_graph_info info = {0};
    HG_TRY(hg_trained_sizes(file, options, &info));
    HG_TRY(check_params(file, options, &info));
    return check_statistics(file, options, &info);
}
