#include "infer/explain.h"

#include "base/mem.h"
#include "infer/edge_order.h"
#include "io/output_file.h"
#include <stdio.h>
#include <string.h>

/* wanted [owned]: sets 1 for the owned nodes among `nodes`. */
static hg_status mark_wanted(const struct hg_int_list *nodes, const struct hg_dataset *data, uint8_t *wanted)
{
    for (int k = 0; k < nodes->count; k++) {
        if (nodes->value[k] >= data->info.num_nodes)
            return hg_fail(HG_FAILED, "--nodes", "%lld is not a node of the graph (0..%lld)",
                           (long long)nodes->value[k], (long long)data->info.num_nodes - 1);
        for (int64_t i = 0; i < data->rows.count; i++)
            if (data->rows.imported[i] == nodes->value[k]) wanted[i] = 1;
    }
    return HG_OK;
}

/* picked [count, K]: attention coefficients of the listed edges in layer l; newly allocated */
static hg_status pick_alpha(struct hg_model *model, int l, const struct hg_edge_list *list, hg_real **picked)
{
    const int heads = model->layer[l]->block.heads;
    const struct hg_shard *shard = model->shard;
    hg_real *alpha = NULL;
    HG_TRY(HG_NEW_UNSET(*picked, list->count * heads));
    HG_TRY(HG_NEW_UNSET(alpha, shard->in->indptr[shard->owned] * heads));
    hg_model_attention(model, l, alpha);
    for (int64_t k = 0; k < list->count; k++)
        memcpy(*picked + k * heads, alpha + list->edge[k] * heads, (size_t)heads * sizeof *alpha);
    hg_mem_free(alpha);
    return HG_OK;
}

static hg_status write_layer(struct hg_output_file *file, struct hg_model *model, int l,
                             struct hg_output_rows part, const struct hg_edge_list *list)
{
    char name[32];
    hg_real *alpha = NULL;
    hg_status status = hg_agree(model->shard->comm, pick_alpha(model, l, list, &alpha));
    snprintf(name, sizeof name, "/alpha/%d", l);
    part.name = name;
    part.type = HG_H5_REAL;
    part.columns = model->layer[l]->block.heads;
    part.transposed = false;
    part.data = alpha;
    if (status == HG_OK) status = hg_output_file_rows(file, &part);
    hg_mem_free(alpha);
    return status;
}

static hg_status write_rows(struct hg_output_file *file, struct hg_model *model,
                            const struct hg_edge_list *list)
{
    struct hg_output_rows part = {
        .name = "/edge_index",
        .type = HG_H5_INT64,
        .columns = 2,
        .transposed = true,
        .total = list->total,
        .count = list->count,
        .position = list->position,
        .data = list->ends,
    };
    HG_TRY(hg_output_file_rows(file, &part));
    part = (struct hg_output_rows){.name = "/edge_id",
                                   .type = HG_H5_INT64,
                                   .total = list->total,
                                   .count = list->count,
                                   .position = list->position,
                                   .data = list->id};
    HG_TRY(hg_output_file_rows(file, &part));
    for (int l = 0; l < model->layers; l++) HG_TRY(write_layer(file, model, l, part, list));
    return HG_OK;
}

static hg_status write_file(const struct hg_comm *comm, const char *path, struct hg_model *model,
                            const struct hg_edge_list *list)
{
    struct hg_output_file file;
    HG_TRY(hg_output_file_create(comm, path, &file));
    const hg_status status = write_rows(&file, model, list);
    if (status == HG_OK) return hg_output_file_commit(&file);
    hg_output_file_abort(&file);
    return status;
}

hg_status hg_explain(const struct hg_comm *comm, struct hg_trained *trained, const struct hg_int_list *nodes,
                     const char *out)
{
    hg_real *outputs = NULL;
    struct hg_edge_list list = {0};
    uint8_t *wanted = NULL;
    hg_status status = HG_OK;
    if (nodes->count > 0) {
        status = HG_NEW(wanted, trained->data.rows.count);
        if (status == HG_OK) status = mark_wanted(nodes, &trained->data, wanted);
    }
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_edge_list_create(&trained->data.shard, wanted, &list);
    if (status == HG_OK) status = hg_trained_outputs(trained, &outputs);
    if (status == HG_OK) status = write_file(comm, out, trained->model, &list);
    hg_edge_list_destroy(&list);
    hg_mem_free(wanted);
    return status;
}
