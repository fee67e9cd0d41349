#include "infer/predict.h"

#include "base/mem.h"
#include "infer/node_text.h"
#include "io/output_file.h"
#include <math.h>

/* Outputs and predictions of the owned nodes. */
struct outputs {
    const struct hg_dataset *data;
    hg_real *value;   /* [owned, C] logits, or outputs in the user's units */
    void *prediction; /* int32 [owned], uint8 [owned, T] or hg_real [owned, T] */
};

/* value_c = value_c target_unit_c + target_shift_c: from standardised targets to the user's units */
static void restore_units(const struct hg_statistics *statistics, hg_real *value, int64_t count)
{
    if (statistics->target_unit == NULL) return;
    for (int64_t k = 0; k < count; k++)
        value[k] = (hg_real)((double)value[k] * statistics->target_unit[k % statistics->targets] +
                             statistics->target_shift[k % statistics->targets]);
}

static hg_status predict_classes(struct outputs *outputs, int64_t rows, int64_t cols)
{
    int32_t *prediction;
    HG_TRY(HG_NEW(prediction, rows));
    outputs->prediction = prediction;
    for (int64_t i = 0; i < rows; i++)
        prediction[i] = (int32_t)hg_predicted_class(outputs->value + i * cols, cols);
    return HG_OK;
}

static hg_status predict_labels(struct outputs *outputs, int64_t rows, int64_t cols)
{
    uint8_t *prediction;
    HG_TRY(HG_NEW(prediction, rows * cols));
    outputs->prediction = prediction;
    for (int64_t k = 0; k < rows * cols; k++) prediction[k] = outputs->value[k] > 0;
    return HG_OK;
}

static hg_status predict_targets(struct outputs *outputs, int64_t rows, int64_t cols)
{
    hg_real *prediction;
    HG_TRY(HG_NEW(prediction, rows * cols));
    outputs->prediction = prediction;
    restore_units(&outputs->data->statistics, outputs->value, rows * cols);
    for (int64_t k = 0; k < rows * cols; k++) prediction[k] = outputs->value[k];
    return HG_OK;
}

/* For each task: names, types and shape in the file, and the function that makes predictions of outputs. */
static const struct {
    const char *value_name;
    enum hg_h5_type type;
    bool one_column;
    hg_status (*predict)(struct outputs *outputs, int64_t rows, int64_t cols);
} tasks[HG_TASKS] = {
    [HG_SINGLE_LABEL] = {"/logits", HG_H5_INT32, true, predict_classes},
    [HG_MULTI_LABEL] = {"/logits", HG_H5_UINT8, false, predict_labels},
    [HG_REGRESSION] = {"/output", HG_H5_REAL, false, predict_targets},
};

static hg_status write_names(struct hg_output_file *file, const struct hg_node_table *rows)
{
    if (rows->info.name_bytes == 0) return HG_OK;
    const bool text = rows->info.name_bytes > 0;
    return hg_output_file_rows(file,
                               &(struct hg_output_rows){
                                   .name = "/name",
                                   .type = text ? HG_H5_TEXT : HG_H5_INT64,
                                   .text_bytes = text ? rows->info.name_bytes : 0,
                                   .total = rows->info.num_nodes,
                                   .count = rows->count,
                                   .position = rows->imported,
                                   .data = text ? (const void *)rows->name_text : (const void *)rows->name_id,
                               });
}

/* Names of classes, labels or targets; rank 0 has them all. */
static hg_status write_class_names(struct hg_output_file *file, const struct hg_graph_info *info)
{
    int64_t *position = NULL;
    if (info->class_name == NULL) return HG_OK;
    const int64_t count = file->comm->rank == 0 ? info->num_outputs : 0;
    hg_status status = hg_agree(file->comm, HG_NEW_UNSET(position, count));
    for (int64_t c = 0; status == HG_OK && c < count; c++) position[c] = c;
    const struct hg_output_rows names = {
        .name = "/class_name",
        .type = HG_H5_TEXT,
        .text_bytes = info->class_bytes,
        .total = info->num_outputs,
        .count = count,
        .position = position,
        .data = info->class_name,
    };
    if (status == HG_OK) status = hg_output_file_rows(file, &names);
    hg_mem_free(position);
    return status;
}

static hg_status write_rows(struct hg_output_file *file, const struct outputs *outputs)
{
    const struct hg_node_table *rows = &outputs->data->rows;
    const enum hg_task task = outputs->data->info.task;
    struct hg_output_rows part = {
        .name = tasks[task].value_name,
        .type = HG_H5_REAL,
        .columns = rows->info.num_outputs,
        .total = rows->info.num_nodes,
        .count = rows->count,
        .position = rows->imported,
        .data = outputs->value,
    };
    HG_TRY(hg_output_file_rows(file, &part));
    part.name = "/prediction";
    part.type = tasks[task].type;
    part.columns = tasks[task].one_column ? 0 : rows->info.num_outputs;
    part.data = outputs->prediction;
    HG_TRY(hg_output_file_rows(file, &part));
    HG_TRY(write_class_names(file, &outputs->data->info));
    return write_names(file, rows);
}

static hg_status write_file(const struct hg_comm *comm, const char *path, const struct outputs *outputs)
{
    struct hg_output_file file;
    HG_TRY(hg_output_file_create(comm, path, &file));
    const hg_status status = write_rows(&file, outputs);
    if (status == HG_OK) return hg_output_file_commit(&file);
    hg_output_file_abort(&file);
    return status;
}

hg_status hg_predict(const struct hg_comm *comm, struct hg_trained *trained,
                     const struct hg_predict_files *files)
{
    struct outputs outputs = {.data = &trained->data};
    const int64_t rows = trained->data.rows.count, cols = trained->data.info.num_outputs;
    HG_TRY(hg_trained_outputs(trained, &outputs.value));
    hg_status status = tasks[trained->data.info.task].predict(&outputs, rows, cols);
    if (status == HG_OK) status = hg_trained_check_outputs(trained, outputs.value);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = write_file(comm, files->out, &outputs);
    if (status == HG_OK && files->text != NULL)
        status = hg_node_text_write(comm, files->text, &trained->data, outputs.value);
    hg_mem_free(outputs.prediction);
    return status;
}
