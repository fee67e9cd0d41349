#include "forecast/work.h"

#include <math.h>

static const double size = sizeof(hg_real);

static double outputs_of(const struct hg_layer *layer)
{
    double outputs = 0;
    for (int k = 0; k < layer->linears; k++) outputs += (double)layer->linear[k].out;
    return outputs;
}

/* The product of sparse features reads their stored values only. */
static double product_of(const struct hg_model *model, const struct hg_layer *layer, double rows)
{
    const double values =
        layer->sparse_input ? (double)model->input.csr.indptr[model->shard->owned] : rows * (double)layer->in;
    return values * outputs_of(layer);
}

/* Bytes of a row of X: of the features, or of the row of the target below, from which X is computed. */
static double input_bytes(const struct hg_model *model, int l)
{
    const struct hg_layer *layer = model->layer[l];
    if (layer->sparse_input) return 0;
    if (l == 0) return size * (double)layer->in;
    const struct hg_layer *below = model->layer[l - 1];
    return size * (double)below->block.conv->backward_rows(below).stride;
}

/* Sets what follows from the rows that are gathered, `width` numbers of each. Rows in bf16 take as long to gather as
 * those in hg_real, as they are converted on the way: measured, docs/performance.md. */
static void gather_work(const struct hg_layer *layer, const struct hg_plan *plan, int64_t width,
                        struct hg_pass_work *work)
{
    const double bytes = size * (double)width;
    work->gathered = bytes * (layer->halo_dtype == HG_HALO_BF16 ? 2 : 1);
    work->table = bytes * (double)((int64_t)layer->shard->owned + plan->halo);
    work->sent = bytes * (double)plan->send_offset[plan->send_ranks];
    work->messages = (double)hg_plan_messages(plan, (int)width, HG_EXCHANGE_CHUNK);
}

static void forward_work(const struct hg_model *model, int l, const struct hg_subgraph *subgraph,
                         struct hg_pass_work *work)
{
    const struct hg_layer *layer = model->layer[l];
    const struct hg_sent_rows z = layer->block.conv->forward_rows(layer);
    const double rows = (double)subgraph->sources.start[model->shard->cells];
    const int64_t target = layer->block.conv->backward_rows(layer).stride;
    work->edges = (double)subgraph->in->indptr[model->shard->owned];
    gather_work(layer, &subgraph->in->plan, z.width, work);
    work->multiply_adds = product_of(model, layer, rows);
    work->streamed = rows * (input_bytes(model, l) + size * (double)(z.width + 2 * target));
}

/* dW needs X once more, and dX is computed and read, except in the first layer. Of a layer whose input is computed from
 * the layer below, the rows that its backward pass reads are written here. */
static void backward_work(const struct hg_model *model, int l, const struct hg_subgraph *subgraph,
                          struct hg_pass_work *work)
{
    const struct hg_layer *layer = model->layer[l];
    const struct hg_sent_rows g = layer->block.conv->backward_rows(layer);
    const double rows = (double)subgraph->sources.start[model->shard->cells];
    work->edges = (double)subgraph->out->indptr[model->shard->owned];
    gather_work(layer, &subgraph->out->plan, g.width, work);
    work->multiply_adds = product_of(model, layer, rows) * (l > 0 ? 2 : 1);
    work->streamed = rows * (input_bytes(model, l) * (l > 0 ? 3 : 1) + 4 * size * outputs_of(layer));
}

static void layer_work(const struct hg_model *model, int l, struct hg_layer_work *work)
{
    const struct hg_layer *layer = model->layer[l];
    const struct hg_subgraph *subgraph = model->needed[l].in != NULL ? &model->needed[l] : &model->whole;
    *work = (struct hg_layer_work){.heads = layer->block.heads};
    forward_work(model, l, subgraph, &work->pass[HG_FORWARD]);
    backward_work(model, l, subgraph, &work->pass[HG_BACKWARD]);
    for (int kind = 0; kind < HG_GRADIENT_KINDS; kind++) work->summed += (double)layer->gradients.count[kind];
    work->added = work->summed * (double)model->shard->cells;
    work->sums = (double)hg_reduction_pass_messages(layer->gradients.reduction);
    work->sums_sent = (double)hg_reduction_pass_bytes(layer->gradients.reduction);
}

void hg_work_of(const struct hg_model *model, struct hg_work *work)
{
    *work = (struct hg_work){.layers = model->layers,
                             .threads = model->work.threads,
                             .outputs = (double)model->outputs * (double)model->shard->owned,
                             .parameters = (double)model->params.count};
    for (int l = 0; l < model->layers; l++) layer_work(model, l, &work->layer[l]);
}

int64_t hg_work_bytes(const struct hg_work *work)
{
    double bytes = 0;
    for (int l = 0; l < work->layers; l++) {
        const struct hg_layer_work *layer = &work->layer[l];
        bytes += layer->pass[HG_FORWARD].sent + layer->pass[HG_BACKWARD].sent + layer->sums_sent;
    }
    return llround(bytes);
}

int64_t hg_work_messages(const struct hg_work *work)
{
    double messages = 0;
    for (int l = 0; l < work->layers; l++) {
        const struct hg_layer_work *layer = &work->layer[l];
        messages += layer->pass[HG_FORWARD].messages + layer->pass[HG_BACKWARD].messages + layer->sums;
    }
    return llround(messages);
}
