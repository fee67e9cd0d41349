/* The graph that a trained model is used on. */
#include "base/mem.h"
#include "train/trained.h"

#include <string.h>

static hg_status read_task(const struct hg_h5 *file, struct hg_graph_info *model)
{
    char *task = NULL;
    HG_TRY(hg_h5_get_text(file, "task", &task));
    const bool known = task == NULL || hg_task_parse(task, &model->task);
    hg_mem_free(task);
    return known ? HG_OK : hg_fail(HG_FAILED, file->path, "attribute task is not the name of a task");
}

static hg_status describe(const char *checkpoint, const struct hg_train_options *options,
                          struct hg_graph_info *model)
{
    struct hg_h5 file;
    HG_TRY(hg_h5_open(checkpoint, &file));
    hg_status status = hg_trained_sizes(&file, options, model);
    if (status == HG_OK) status = read_task(&file, model);
    if (status == HG_OK) status = hg_names_read(&file, HG_TRAINED_CLASS_NAMES, model);
    hg_h5_close(&file);
    return status;
}

hg_status hg_trained_describe(const struct hg_comm *comm, const char *checkpoint,
                              const struct hg_train_options *options, struct hg_graph_info *model)
{
    *model = (struct hg_graph_info){.task = HG_TASKS};
    HG_TRY(hg_agree(comm, comm->rank == 0 ? describe(checkpoint, options, model) : HG_OK));
    char *own = model->class_name;
    hg_comm_bcast(comm, model, sizeof *model, 0);
    model->class_name = own;
    if (model->class_bytes == 0) return HG_OK;
    if (own == NULL) model->class_name = hg_mem_alloc(model->num_outputs, (size_t)model->class_bytes);
    HG_TRY(hg_agree(comm, model->class_name != NULL ? HG_OK : HG_NOMEM));
    hg_comm_bcast(comm, model->class_name, model->num_outputs * model->class_bytes, 0);
    return HG_OK;
}

static bool same_name(const struct hg_graph_info *a, int64_t i, const struct hg_graph_info *b, int64_t k)
{
    const char *left = a->class_name + i * a->class_bytes, *right = b->class_name + k * b->class_bytes;
    const size_t length = strnlen(left, (size_t)a->class_bytes);
    return length == strnlen(right, (size_t)b->class_bytes) && memcmp(left, right, length) == 0;
}

/* number [graph's classes]: the model's number of the class with the same name; -1: there is none. */
static void number_by_name(const struct hg_graph_info *graph, const struct hg_graph_info *model,
                           int32_t *number)
{
    for (int64_t c = 0; c < graph->num_outputs; c++) {
        int64_t k = 0;
        while (k < model->num_outputs && !same_name(graph, c, model, k)) k++;
        number[c] = k < model->num_outputs ? (int32_t)k : -1;
    }
}

/* Gives classes the model's numbers. *known: whether it has all of them. number [graph's classes]; NULL: numbers are
 * the same. */
static void renumber_classes(struct hg_node_table *rows, const int32_t *number, int64_t outputs, bool *known)
{
    for (int64_t i = 0; i < rows->count; i++) {
        int32_t *label = &rows->y_class[i];
        if (*label < 0) continue;
        if (number != NULL) *label = number[*label];
        if (*label < 0 || *label >= outputs) *known = false;
    }
}

/* Local. */
static hg_status fit_classes(const struct hg_graph_info *model, struct hg_trained *trained)
{
    const struct hg_graph_info *graph = &trained->data.info;
    int32_t *number = NULL;
    bool known = true;
    if (graph->class_name != NULL && model->class_name != NULL) {
        HG_TRY(HG_NEW(number, graph->num_outputs));
        number_by_name(graph, model, number);
    }
    renumber_classes(&trained->data.rows, number, model->num_outputs, &known);
    if (!known) trained->labels = HG_LABELS_CLASSES;
    hg_mem_free(number);
    return HG_OK;
}

/* Whether columns that have names have the same ones. */
static bool same_columns(const struct hg_graph_info *graph, const struct hg_graph_info *model)
{
    if (graph->num_outputs != model->num_outputs) return false;
    if (graph->class_name == NULL || model->class_name == NULL) return true;
    for (int64_t c = 0; c < graph->num_outputs; c++)
        if (!same_name(graph, c, model, c)) return false;
    return true;
}

/* Collective. */
static hg_status fit_labels(const struct hg_comm *comm, const struct hg_graph_info *model,
                            struct hg_trained *trained)
{
    const struct hg_graph_info *graph = &trained->data.info;
    hg_status status = HG_OK;
    trained->labels = HG_LABELS_FIT;
    if (!graph->has_labels)
        trained->labels = HG_LABELS_NONE;
    else if (model->task != HG_TASKS && graph->task != model->task)
        trained->labels = HG_LABELS_TASK;
    else if (graph->task == HG_SINGLE_LABEL)
        status = fit_classes(model, trained);
    else if (!same_columns(graph, model))
        trained->labels = HG_LABELS_COLUMNS;
    HG_TRY(hg_agree(comm, status));
    int64_t labels = trained->labels;
    hg_comm_max_i64(comm, &labels, 1);
    trained->labels = (enum hg_labels)labels;
    return HG_OK;
}

static void drop_labels(struct hg_dataset *data)
{
    data->info.has_labels = data->rows.info.has_labels = false;
    memset(data->entries, 0, sizeof data->entries);
    HG_FREE(data->rows.y_class);
    HG_FREE(data->rows.y_label);
    HG_FREE(data->rows.y_target);
}

/* The model's class names, or the graph's where the model has none and they are as many. */
static hg_status take_names(const struct hg_graph_info *model, struct hg_graph_info *graph)
{
    if (model->class_name == NULL && graph->num_outputs == model->num_outputs) return HG_OK;
    HG_FREE(graph->class_name);
    graph->class_bytes = model->class_bytes;
    if (model->class_name == NULL) return HG_OK;
    graph->class_name = hg_mem_alloc(model->num_outputs, (size_t)model->class_bytes);
    if (graph->class_name == NULL) return HG_NOMEM;
    memcpy(graph->class_name, model->class_name, (size_t)(model->num_outputs * model->class_bytes));
    return HG_OK;
}

static hg_status check_inputs(const char *graph, const char *checkpoint, const struct hg_graph_info *model,
                              const struct hg_graph_info *info)
{
    static const char wrong[] = "has %lld %s, but the model of %s was trained with %lld";
    if (info->num_features != model->num_features)
        return hg_fail(HG_FAILED, graph, wrong, (long long)info->num_features, "features", checkpoint,
                       (long long)model->num_features);
    if (model->num_edge_features > 0 && info->num_edge_features != model->num_edge_features)
        return hg_fail(HG_FAILED, graph, wrong, (long long)info->num_edge_features, "edge features",
                       checkpoint, (long long)model->num_edge_features);
    return HG_OK;
}

hg_status hg_trained_adopt(const struct hg_comm *comm, const char *graph, const struct hg_graph_info *model,
                           struct hg_trained *trained)
{
    struct hg_dataset *data = &trained->data;
    HG_TRY(check_inputs(graph, trained->checkpoint, model, &data->info));
    HG_TRY(fit_labels(comm, model, trained));
    if (trained->labels != HG_LABELS_FIT) drop_labels(data);
    if (model->task != HG_TASKS) data->info.task = data->rows.info.task = model->task;
    HG_TRY(hg_agree(comm, take_names(model, &data->info)));
    data->info.num_outputs = data->rows.info.num_outputs = model->num_outputs;
    return HG_OK;
}
