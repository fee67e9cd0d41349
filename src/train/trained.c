#include "train/trained.h"

#include "base/mem.h"
#include "io/graph_file.h"
#include "kernels/attention.h"
#include "train/threads.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static_assert((int)HG_MAX_LIST >= (int)HG_MODEL_LAYERS, "a list has an entry for each layer");

/* The block of one layer. The last layer averages its heads and has no activation. */
static struct hg_block block_of(const struct hg_model_settings *settings, int heads, int width, bool last)
{
    return (struct hg_block){
        .conv = hg_conv_find(hg_conv_name[settings->conv]),
        .heads = heads,
        .width = width,
        .concat = !last && settings->concat,
        .residual = settings->residual,
        .bias = settings->bias,
        .activation = last ? HG_IDENTITY : settings->activation,
        .dropout = settings->dropout,
        .attn_dropout = settings->attn_dropout,
        .slope = settings->negative_slope,
    };
}

hg_status hg_trained_options(const struct hg_model_settings *settings, int64_t outputs,
                             struct hg_model_options *options)
{
    const struct hg_int_list *heads = &settings->heads, *hidden = &settings->hidden;
    const int layers = heads->count;
    *options = (struct hg_model_options){.layers = layers, .halo_dtype = settings->halo_dtype};
    if (layers > HG_MODEL_LAYERS)
        return hg_fail(HG_USAGE, "--heads", "%d layers, at most %d", layers, HG_MODEL_LAYERS);
    for (int l = 0; l < layers; l++) {
        const bool last = l == layers - 1;
        const int64_t width = last ? outputs : hidden->value[hidden->count == 1 ? 0 : l];
        if (heads->value[l] * width > HG_MAX_ROW)
            return hg_fail(HG_USAGE, "--heads",
                           "layer %d: %lld heads of %lld features are more than %d in a row", l,
                           (long long)heads->value[l], (long long)width, HG_MAX_ROW);
        options->block[l] = block_of(settings, (int)heads->value[l], (int)width, last);
    }
    return HG_OK;
}

/* Restricts training passes to what the loss needs: the outputs of labelled training nodes. Collective. */
static hg_status restrict_to_labelled(const struct hg_dataset *data, struct hg_model *model)
{
    uint8_t *wanted = NULL;
    hg_status status = hg_agree(data->shard.comm, HG_NEW(wanted, data->rows.count));
    if (status == HG_OK) {
        hg_dataset_mark(data, HG_TRAIN, wanted);
        status = hg_model_restrict(model, wanted);
    }
    hg_mem_free(wanted);
    return status;
}

hg_status hg_dataset_model_create(const struct hg_model_settings *settings, const struct hg_dataset *data,
                                  const struct hg_backend *backend, bool training, struct hg_model **model)
{
    struct hg_model_options options;
    HG_TRY(hg_trained_options(settings, data->info.num_outputs, &options));
    HG_TRY(hg_model_create(&data->shard, &data->rows.x, &options, backend, training, model));
    return training ? restrict_to_labelled(data, *model) : HG_OK;
}

/* Describes the parameters as tensors [params->num], whose data are at `disk` [params->count], in the layout on
 * disk. */
static void describe(const struct hg_params *params, hg_real *disk, struct hg_tensor *tensors)
{
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        tensors[t] = (struct hg_tensor){.dims = param->dims, .data = disk + param->offset};
        snprintf(tensors[t].name, sizeof tensors[t].name, "%s", param->name);
        for (int d = 0; d < param->dims; d++) tensors[t].shape[d] = param->shape[d];
    }
}

/* Vectors as tensors, with memory for their data in the layout on disk. */
struct tensors {
    struct hg_tensor *list; /* [vectors, params->num] */
    hg_real *disk;          /* [vectors, params->count] */
};

static hg_status tensors_create(const struct hg_params *params, int vectors, struct tensors *tensors)
{
    *tensors = (struct tensors){0};
    HG_TRY(HG_NEW(tensors->list, params->num * vectors));
    HG_TRY(HG_NEW(tensors->disk, params->count * vectors));
    for (int v = 0; v < vectors; v++)
        describe(params, tensors->disk + v * params->count, tensors->list + v * params->num);
    return HG_OK;
}

int64_t hg_trained_write_bytes(const struct hg_params *params, int num_vectors)
{
    return num_vectors *
           (params->num * (int64_t)sizeof(struct hg_tensor) + params->count * (int64_t)sizeof(hg_real));
}

static void tensors_destroy(struct tensors *tensors)
{
    HG_FREE(tensors->list);
    HG_FREE(tensors->disk);
}

/* The statistics as tensors of the group "statistics"; returns their number (at most 4). */
static int statistics_tensors(const struct hg_statistics *s, struct hg_tensor list[4])
{
    const struct hg_tensor all[4] = {
        {"feature_shift", 1, {s->features}, s->feature_shift, true},
        {"feature_scale", 1, {s->features}, s->feature_scale, true},
        {"target_shift", 1, {s->targets}, s->target_shift, true},
        {"target_unit", 1, {s->targets}, s->target_unit, true},
    };
    int count = 0;
    for (int k = 0; k < 4; k++)
        if (all[k].data != NULL) list[count++] = all[k];
    return count;
}

/* Writes tensors [vectors, params.num], which have the vectors' data. */
static hg_status write_checkpoint(const char *path, const struct hg_model *model,
                                  const struct tensors *tensors, const struct hg_trained_contents *contents)
{
    struct hg_tensor measured[4];
    struct hg_tensor_group groups[HG_TRAINED_VECTORS + 1];
    const struct hg_graph_info *graph = contents->graph;
    const int num = (int)model->params.num, vectors = contents->num_vectors;
    const int statistics = statistics_tensors(contents->statistics, measured);
    for (int v = 0; v < vectors; v++)
        groups[v] =
            (struct hg_tensor_group){contents->vectors[v].group, tensors->list + (int64_t)v * num, num};
    groups[vectors] = (struct hg_tensor_group){"statistics", measured, statistics};
    const struct hg_checkpoint checkpoint = {
        groups,
        vectors + (statistics > 0),
        contents->attributes,
        contents->num_attributes,
        {HG_TRAINED_CLASS_NAMES, graph->num_outputs, graph->class_bytes, graph->class_name}};
    return hg_checkpoint_write(model->shard->comm, path, &checkpoint);
}

hg_status hg_trained_write(const char *path, const struct hg_model *model,
                           const struct hg_trained_contents *contents)
{
    struct tensors tensors;
    assert(contents->num_vectors <= HG_TRAINED_VECTORS);
    hg_status status =
        hg_agree(model->shard->comm, tensors_create(&model->params, contents->num_vectors, &tensors));
    for (int v = 0; status == HG_OK && v < contents->num_vectors; v++)
        hg_params_to_disk(&model->params, contents->vectors[v].values,
                          tensors.disk + v * model->params.count);
    if (status == HG_OK) status = write_checkpoint(path, model, &tensors, contents);
    tensors_destroy(&tensors);
    return status;
}

static hg_status read_vector(const char *path, const struct hg_model *model,
                             const struct hg_trained_vector *vector, const struct tensors *tensors)
{
    HG_TRY(
        hg_checkpoint_read(model->shard->comm, path, vector->group, tensors->list, (int)model->params.num));
    hg_params_from_disk(&model->params, tensors->disk, vector->values);
    return HG_OK;
}

hg_status hg_trained_read(const char *path, const struct hg_model *model,
                          const struct hg_trained_vector *vectors, int num_vectors)
{
    struct tensors tensors;
    hg_status status = hg_agree(model->shard->comm, tensors_create(&model->params, 1, &tensors));
    for (int v = 0; status == HG_OK && v < num_vectors; v++)
        status = read_vector(path, model, &vectors[v], &tensors);
    tensors_destroy(&tensors);
    return status;
}

hg_status hg_trained_read_params(const char *path, struct hg_model *model)
{
    return hg_trained_read(path, model, &(struct hg_trained_vector){"params", model->params.value}, 1);
}

hg_status hg_trained_read_statistics(const struct hg_comm *comm, const char *path,
                                     struct hg_statistics *statistics)
{
    struct hg_tensor measured[4];
    const int count = statistics_tensors(statistics, measured);
    return count == 0 ? HG_OK : hg_checkpoint_read(comm, path, "statistics", measured, count);
}

hg_status hg_trained_sha256(const struct hg_model *model, char hex[65])
{
    struct tensors tensors;
    const hg_status status = tensors_create(&model->params, 1, &tensors);
    if (status == HG_OK) {
        hg_params_to_disk(&model->params, model->params.value, tensors.disk);
        hg_tensors_sha256(tensors.list, (int)model->params.num, hex);
    }
    tensors_destroy(&tensors);
    return status;
}

static hg_status open_trained(const struct hg_comm *comm, const struct hg_train_options *options,
                              struct hg_trained_wants wants, const struct hg_graph_info *model,
                              struct hg_trained *trained)
{
    const char *checkpoint = trained->checkpoint;
    struct hg_data_options data = hg_train_options_data(options);
    struct hg_backend backend;
    int threads = 1;
    if (!wants.splits) data.split = 0;
    data.edge_features = data.edge_features && model->num_edge_features > 0;
    HG_TRY(hg_threads_choose(comm, options->threads, &threads));
    HG_TRY(hg_backend_open(comm, threads, &backend));
    HG_TRY(hg_dataset_open(comm, &data, wants.edge_ids, &trained->data));
    HG_TRY(hg_trained_adopt(comm, data.graph, model, trained));
    hg_statistics_destroy(&trained->data.statistics);
    HG_TRY(hg_agree(comm, hg_statistics_create(&data, &trained->data.info, &trained->data.statistics)));
    HG_TRY(hg_trained_read_statistics(comm, checkpoint, &trained->data.statistics));
    HG_TRY(hg_statistics_apply(comm, &data, &trained->data.statistics, &trained->data.rows, NULL));
    HG_TRY(hg_dataset_model_create(&options->model, &trained->data, &backend, false, &trained->model));
    return hg_trained_read_params(checkpoint, trained->model);
}

hg_status hg_trained_open(const struct hg_comm *comm, const char *checkpoint,
                          const struct hg_train_options *options, struct hg_trained_wants wants,
                          struct hg_trained *trained)
{
    struct hg_graph_info model;
    *trained = (struct hg_trained){.checkpoint = checkpoint};
    hg_status status = hg_trained_describe(comm, checkpoint, options, &model);
    if (status == HG_OK) status = open_trained(comm, options, wants, &model, trained);
    hg_graph_info_destroy(&model);
    return status;
}

void hg_trained_close(struct hg_trained *trained)
{
    hg_model_destroy(trained->model);
    hg_dataset_destroy(&trained->data);
}

hg_status hg_trained_check_outputs(const struct hg_trained *trained, const hg_real *value)
{
    const int64_t count = trained->data.rows.count * trained->data.info.num_outputs;
    for (int64_t k = 0; k < count; k++)
        if (!isfinite(value[k])) return hg_fail(HG_FAILED, trained->checkpoint, "its outputs are not finite");
    return HG_OK;
}

hg_status hg_trained_outputs(struct hg_trained *trained, hg_real **outputs)
{
    const struct hg_pass pass = {0};
    *outputs = hg_model_forward(trained->model, &pass);
    return hg_agree(trained->data.shard.comm, hg_trained_check_outputs(trained, *outputs));
}
