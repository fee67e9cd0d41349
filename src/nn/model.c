#include "nn/model.h"

#include "base/mem.h"
#include "nn/cell_rows.h"
#include <string.h>

static struct hg_layer_spec layer_spec(const struct hg_model *model, int l, int64_t in, int64_t outputs)
{
    const struct hg_model_options *o = &model->options;
    const bool last = l == o->layers - 1;
    return (struct hg_layer_spec){
        .index = l,
        .in = in,
        .in_heads = l > 0 && o->concat ? o->heads[l - 1] : 1,
        .heads = o->heads[l],
        .width = last ? (int)outputs : o->hidden[l],
        .concat = !last && o->concat,
        .bias = o->bias,
        .residual = o->residual,
        .activation = last ? HG_IDENTITY : o->activation,
        .slope = o->slope,
        .dropout = o->dropout,
        .attn_dropout = o->attn_dropout,
        .sparse_input = l == 0 && model->input.dense == NULL,
        .first = l == 0,
        .rows = o->rows,
    };
}

static hg_status create_layers(struct hg_model *model, int64_t outputs, struct hg_extent *extent)
{
    int64_t in = model->input.cols;
    for (int l = 0; l < model->options.layers; l++) {
        const struct hg_layer_spec spec = layer_spec(model, l, in, outputs);
        HG_TRY(model->conv->create(&spec, model->shard, &model->params, &model->layer[l]));
        model->conv->extend(model->layer[l], extent);
        in = hg_layer_out(&spec);
        model->hidden[l] = (struct hg_input){.cols = in, .conv = model->conv, .layer = model->layer[l]};
    }
    return HG_OK;
}

static hg_status create(struct hg_model *model, const struct hg_features *x, int64_t outputs,
                        const struct hg_machine *machine, bool training)
{
    struct hg_extent extent = {0};
    model->conv = hg_convs[model->options.conv];
    HG_TRY(hg_input_create(model->shard, x, training, &model->input));
    HG_TRY(create_layers(model, outputs, &extent));
    HG_TRY(hg_params_allocate(&model->params));
    HG_TRY(hg_workspace_create(model->shard, &extent, machine, training, &model->work));
    for (int l = 0; l < model->options.layers; l++)
        HG_TRY(model->conv->allocate(model->layer[l], &model->work, training));
    HG_TRY(HG_NEW_UNSET(model->out, model->shard->owned * outputs));
    if (training) HG_TRY(HG_NEW_UNSET(model->out_grad, model->shard->owned * outputs));
    HG_TRY(hg_scope_whole(model->shard, &model->whole));
    hg_input_restrict(model->shard, &model->whole.sources, &model->input);
    return HG_OK;
}

static void forget_needed(struct hg_model *model)
{
    hg_exchange_forget(model->work.forward);
    hg_exchange_forget(model->work.backward);
    for (int l = 0; l < model->options.layers; l++) hg_scope_destroy(&model->needed[l]);
}

hg_status hg_model_want(struct hg_model *model, const uint8_t *wanted)
{
    uint8_t *needed = NULL;
    hg_status status = hg_agree(model->shard->comm, HG_NEW_UNSET(needed, model->shard->owned));
    forget_needed(model);
    if (status == HG_OK) memcpy(needed, wanted, (size_t)model->shard->owned);
    for (int l = model->options.layers - 1; status == HG_OK && l >= 0; l--)
        status = hg_scope_needed(model->shard, needed, &model->needed[l]);
    hg_mem_free(needed);
    if (status != HG_OK)
        forget_needed(model);
    else
        hg_input_restrict(model->shard, &model->needed[0].sources, &model->input);
    return status;
}

/* What layer l does in a pass. */
static const struct hg_scope *scope_of(const struct hg_model *model, int l, const struct hg_pass *pass)
{
    return pass->training && model->needed[l].in != NULL ? &model->needed[l] : &model->whole;
}

hg_status hg_model_create(const struct hg_shard *shard, const struct hg_features *x, int64_t outputs,
                          const struct hg_model_options *options, const struct hg_machine *machine,
                          bool training, struct hg_model **out)
{
    struct hg_model *model = NULL;
    hg_status status = HG_NEW(model, 1);
    if (status == HG_OK) {
        model->shard = shard;
        model->options = *options;
        status = create(model, x, outputs, machine, training);
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
    for (int l = 0; l < model->options.layers; l++)
        if (model->layer[l] != NULL) model->conv->destroy(model->layer[l]);
    hg_input_destroy(&model->input);
    hg_params_destroy(&model->params);
    HG_FREE(model->out);
    HG_FREE(model->out_grad);
    hg_workspace_destroy(&model->work);
    hg_scope_destroy(&model->whole);
    forget_needed(model);
    hg_mem_free(model);
}

/* A pass over the model, as the functions of cells see it. */
struct pass {
    struct hg_model *model;
    const struct hg_scope *scope; /* of the last layer */
};

/* The last layer, and what is made of it. */
static const struct hg_input *last_output(const struct hg_model *model)
{
    return &model->hidden[model->options.layers - 1];
}

static void output_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct pass *pass = context;
    const struct hg_input *last = last_output(pass->model);
    struct hg_stretch stretch = hg_row_set_begin(&pass->scope->targets, cell);
    (void)thread;
    while (hg_row_set_next(&pass->scope->targets, &stretch))
        last->conv->output(last->layer, stretch.first, stretch.end,
                           pass->model->out + stretch.first * last->cols);
}

hg_real *hg_model_forward(struct hg_model *model, const struct hg_pass *pass)
{
    const struct hg_input *input = &model->input;
    for (int l = 0; l < model->options.layers; l++) {
        hg_clock_start(&model->work.clock, hg_clock_stage(l, false));
        model->conv->forward(model->layer[l], input, scope_of(model, l, pass), pass);
        input = &model->hidden[l];
    }
    struct pass current = {model, scope_of(model, model->options.layers - 1, pass)};
    hg_workspace_cells(&model->work, output_cell, &current);
    hg_workspace_book(&model->work, HG_PHASE_DENSE);
    return model->out;
}

static void open_cell(void *context, hg_lid cell, struct hg_thread *thread)
{
    const struct pass *pass = context;
    const struct hg_model *model = pass->model;
    const struct hg_input *last = last_output(model);
    const struct hg_row_set *targets = &pass->scope->targets;
    const struct hg_mat all = hg_mat_packed(model->out_grad, model->shard->owned, last->cols);
    const struct hg_mat dy =
        hg_cell_gather((struct hg_cell_rows){model->shard, targets, cell}, all, thread->y);
    last->conv->open(last->layer, cell, targets, dy.data, thread);
}

void hg_model_backward(struct hg_model *model)
{
    const int last = model->options.layers - 1;
    struct pass current = {model, scope_of(model, last, &(struct hg_pass){.training = true})};
    hg_clock_start(&model->work.clock, hg_clock_stage(last, true));
    hg_workspace_cells_sent(&model->work, open_cell, &current, model->conv->opening(model->layer[last]));
    hg_workspace_book(&model->work, HG_PHASE_DENSE);
    for (int l = last; l >= 0; l--) {
        hg_clock_start(&model->work.clock, hg_clock_stage(l, true));
        model->conv->backward(model->layer[l]);
    }
    for (int l = last; l >= 0; l--) {
        hg_clock_start(&model->work.clock, hg_clock_stage(l, true));
        model->conv->finish(model->layer[l]);
    }
}

hg_real *hg_model_output_grad(struct hg_model *model)
{
    return model->out_grad;
}

int64_t hg_model_bad(const struct hg_model *model)
{
    int64_t bad = 0;
    for (int l = 0; l < model->options.layers; l++) bad += model->conv->bad(model->layer[l]);
    return bad;
}
