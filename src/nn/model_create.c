#include "nn/model.h"

#include "base/mem.h"
#include <string.h>

/* Layer l without what its convolution adds. */
static struct hg_layer layer_of(struct hg_model *model, const struct hg_model_options *options, int l)
{
    const struct hg_block *below = l > 0 ? &options->block[l - 1] : NULL;
    return (struct hg_layer){
        .block = options->block[l],
        .index = l,
        .in = below != NULL ? hg_block_out(below) : model->input.cols,
        .in_heads = below != NULL ? hg_block_out_heads(below) : 1,
        .sparse_input = l == 0 && model->input.dense == NULL,
        .halo_dtype = options->halo_dtype,
        .shard = model->shard,
        .params = &model->params,
    };
}

static hg_status create_layers(struct hg_model *model, const struct hg_model_options *options,
                               struct hg_extent *extent)
{
    for (int l = 0; l < options->layers; l++) {
        const struct hg_layer like = layer_of(model, options, l);
        model->layers = l + 1;
        HG_TRY(hg_layer_create(&like, &model->layer[l]));
        hg_layer_max_sizes(model->layer[l], extent);
    }
    model->outputs = hg_block_out(&options->block[options->layers - 1]);
    return HG_OK;
}

hg_status hg_model_describe(const struct hg_model_options *options, int64_t features, int64_t edge_features,
                            struct hg_params *params)
{
    const struct hg_shard shard = {.edge_features = edge_features};
    struct hg_extent extent = {0};
    struct hg_model model = {.shard = &shard, .input = {.cols = features}};
    const hg_status status = create_layers(&model, options, &extent);
    for (int l = 0; l < model.layers; l++) hg_layer_destroy(model.layer[l]);
    *params = model.params;
    return status;
}

static hg_status create(struct hg_model *model, const struct hg_features *x,
                        const struct hg_model_options *options, const struct hg_backend *backend,
                        bool training)
{
    struct hg_extent extent = {.training = training};
    HG_TRY(hg_input_create(model->shard, x, training, &model->input));
    HG_TRY(create_layers(model, options, &extent));
    HG_TRY(hg_params_allocate(&model->params));
    HG_TRY(hg_workspace_create(model->shard, &extent, backend, &model->work));
    for (int l = 0; l < model->layers; l++)
        HG_TRY(hg_layer_allocate(model->layer[l], &model->work, training));
    HG_TRY(HG_NEW_UNSET(model->out, model->shard->owned * model->outputs));
    if (training) HG_TRY(HG_NEW_UNSET(model->out_grad, model->shard->owned * model->outputs));
    HG_TRY(hg_subgraph_whole(model->shard, &model->whole));
    hg_input_restrict(model->shard, &model->whole.sources, &model->input);
    return HG_OK;
}

static void destroy_needed(struct hg_model *model)
{
    hg_exchange_clear(model->work.forward);
    hg_exchange_clear(model->work.backward);
    for (int l = 0; l < model->layers; l++) hg_subgraph_destroy(&model->needed[l]);
}

hg_status hg_model_restrict(struct hg_model *model, const uint8_t *wanted)
{
    uint8_t *needed = NULL;
    hg_status status = hg_agree(model->shard->comm, HG_NEW_UNSET(needed, model->shard->owned));
    destroy_needed(model);
    if (status == HG_OK) memcpy(needed, wanted, (size_t)model->shard->owned);
    for (int l = model->layers - 1; status == HG_OK && l >= 0; l--)
        status = hg_subgraph_needed(model->shard, needed, &model->needed[l]);
    hg_mem_free(needed);
    if (status != HG_OK)
        destroy_needed(model);
    else
        hg_input_restrict(model->shard, &model->needed[0].sources, &model->input);
    return status;
}

hg_status hg_model_create(const struct hg_shard *shard, const struct hg_features *x,
                          const struct hg_model_options *options, const struct hg_backend *backend,
                          bool training, struct hg_model **out)
{
    struct hg_model *model = NULL;
    hg_status status = HG_NEW(model, 1);
    if (status == HG_OK) {
        model->shard = shard;
        status = create(model, x, options, backend, training);
    }
    status = hg_agree(shard->comm, status);
    if (status != HG_OK)
        hg_model_destroy(model);
    else
        *out = model;
    return status;
}

void hg_model_destroy(struct hg_model *model)
{
    if (model == NULL) return;
    for (int l = 0; l < model->layers; l++) hg_layer_destroy(model->layer[l]);
    hg_input_destroy(&model->input);
    hg_params_destroy(&model->params);
    HG_FREE(model->out);
    HG_FREE(model->out_grad);
    hg_workspace_destroy(&model->work);
    hg_subgraph_destroy(&model->whole);
    destroy_needed(model);
    hg_mem_free(model);
}
