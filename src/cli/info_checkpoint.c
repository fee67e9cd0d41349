#include "base/mem.h"
#include "cli/info.h"
#include "cli/show.h"
#include "io/checkpoint_check.h"
#include "io/hdf5/h5_list.h"
#include "train/summary.h"
#include "train/trained.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* The parameters of a checkpoint. */
struct listed {
    const struct hg_h5 *file;
    json_t *tensors; /* objects {name, shape, numbers} */
    int64_t numbers; /* elements of all parameters together */
};

static hg_status on_tensor(const char *name, const struct hg_h5_shape *shape, void *context)
{
    struct listed *l = context;
    json_t *sizes = json_array();
    int64_t numbers = 1;
    for (int d = 0; d < shape->dims; d++) {
        json_array_append_new(sizes, json_integer(shape->size[d]));
        numbers *= shape->size[d];
    }
    l->numbers += numbers;
    json_array_append_new(l->tensors, json_pack("{s:o, s:o, s:I}", "name", hg_show_text(name, SIZE_MAX),
                                                "shape", sizes, "numbers", (json_int_t)numbers));
    return HG_OK;
}

/* Adds an attribute; whole numbers as integers: epoch 40, not 40.0. */
static hg_status add_number(const struct hg_h5 *file, const char *name, json_t *all)
{
    double value = 0;
    bool found = false;
    HG_TRY(hg_h5_get_number(file, name, &value, &found));
    if (!found) return HG_OK;
    const bool whole = value == floor(value) && fabs(value) < 0x1p53;
    json_object_set_new(all, name, whole ? json_integer((json_int_t)value) : hg_summary_number(value));
    return HG_OK;
}

static hg_status add_text(const struct hg_h5 *file, const char *name, const char *otherwise, json_t *all)
{
    char *text = NULL;
    HG_TRY(hg_h5_get_text(file, name, &text));
    if (text != NULL || otherwise != NULL)
        json_object_set_new(all, name, hg_show_text(text != NULL ? text : otherwise, SIZE_MAX));
    hg_mem_free(text);
    return HG_OK;
}

static hg_status add_attributes(const struct hg_h5 *file, json_t *all)
{
    static const char *const numbers[] = {"epoch", "step", "best_epoch", "best_val", "rng_version"};
    HG_TRY(add_text(file, "format", "parameters only", all));
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) HG_TRY(add_number(file, numbers[k], all));
    HG_TRY(add_text(file, "run", NULL, all));
    return add_text(file, "config", NULL, all);
}

static hg_status check_options(const struct hg_h5 *file, struct hg_config *config)
{
    char *yaml = NULL;
    hg_config_defaults(config);
    HG_TRY(hg_h5_get_text(file, "config", &yaml));
    hg_status status = yaml != NULL
                           ? hg_config_read_checkpoint(file->path, yaml, config)
                           : hg_fail(HG_FAILED, file->path, "has no configuration (attribute config)");
    hg_mem_free(yaml);
    return status == HG_OK ? hg_trained_check(file, &config->train) : status;
}

/* Checks the numbers, and for everything but a file of parameters only, what eval, predict and explain would
 * refuse. */
static hg_status check_checkpoint(const struct hg_h5 *file)
{
    struct hg_config config = {0};
    bool bare = false;
    HG_TRY(hg_checkpoint_check(file));
    HG_TRY(hg_checkpoint_check_format(file, &bare));
    const hg_status status = bare ? HG_OK : check_options(file, &config);
    hg_config_destroy(&config);
    return status;
}

static hg_status read_checkpoint(const struct hg_h5 *file, bool check, json_t *all)
{
    struct listed listed = {.file = file, .tensors = json_array()};
    json_object_set_new(all, "file", hg_show_text(file->path, SIZE_MAX));
    hg_status status = add_attributes(file, all);
    if (status == HG_OK) status = hg_h5_list(file, "/params", on_tensor, &listed);
    if (status == HG_OK && json_array_size(listed.tensors) == 0) {
        status = hg_fail(HG_FAILED, file->path, "neither a graph file nor a checkpoint: there is no /params");
    }
    if (status == HG_OK && check) status = check_checkpoint(file);
    json_object_set_new(all, "num_parameters", json_integer(listed.numbers));
    if (check) json_object_set_new(all, "check", json_string("sound"));
    json_object_set_new(all, "parameters", listed.tensors);
    return status;
}

/* Reads everything, on rank 0 only, since checkpoints are small. */
static hg_status read_all(const struct hg_config *config, json_t **all)
{
    struct hg_h5 file;
    *all = json_object();
    HG_TRY(hg_h5_open(config->input, &file));
    const hg_status status = read_checkpoint(&file, config->check, *all);
    hg_h5_close(&file);
    return status;
}

hg_status hg_info_checkpoint(const struct hg_comm *comm, const struct hg_config *config)
{
    json_t *all = NULL;
    const hg_status status = hg_agree(comm, comm->rank == 0 ? read_all(config, &all) : HG_OK);
    if (status == HG_OK) return hg_show(comm, all, config->json);
    json_decref(all);
    return status;
}
