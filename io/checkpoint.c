#include "io/checkpoint.h"

#include "base/mem.h"
#include "io/atomic.h"
#include "io/checkpoint_check.h"
#include "io/file_kind.h"
#include "io/hdf5/h5.h"
#include "io/seal.h"
#include <stdio.h>
#include <string.h>

static const char format[] = "halogat-checkpoint";
enum { VERSION = 1, PATH_BYTES = 256 };

static void tensor_path(const char *group, const char *name, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "/%.100s/%.*s", group, HG_TENSOR_NAME, name);
}

static enum hg_h5_type type_of(const struct hg_tensor *tensor)
{
    return tensor->wide ? HG_H5_DOUBLE : HG_H5_REAL;
}

static hg_status write_tensor(const struct hg_h5 *file, const char *group, const struct hg_tensor *tensor)
{
    char path[PATH_BYTES];
    tensor_path(group, tensor->name, path);
    HG_TRY(hg_h5_define(file, path, type_of(tensor), 0, tensor->dims, tensor->shape));
    const struct hg_range rows = {0, tensor->shape[0]};
    return hg_h5_write_rows(file, path, type_of(tensor), rows, tensor->data);
}

static hg_status write_attribute(const struct hg_h5 *file, const struct hg_attribute *a)
{
    if (a->text != NULL) return hg_h5_set_text(file, a->name, a->text);
    return a->is_int ? hg_h5_set_int(file, a->name, a->integer) : hg_h5_set_number(file, a->name, a->number);
}

static hg_status write_contents(const struct hg_h5 *file, const struct hg_checkpoint *checkpoint)
{
    HG_TRY(hg_h5_set_text(file, "format", format));
    HG_TRY(hg_h5_set_int(file, "version", VERSION));
    for (int k = 0; k < checkpoint->num_attributes; k++)
        HG_TRY(write_attribute(file, &checkpoint->attributes[k]));
    for (int g = 0; g < checkpoint->num_groups; g++) {
        const struct hg_tensor_group *group = &checkpoint->groups[g];
        for (int k = 0; k < group->count; k++) HG_TRY(write_tensor(file, group->group, &group->tensors[k]));
    }
    return hg_names_write(file, &checkpoint->names);
}

static hg_status write_file(const struct hg_atomic *paths, const struct hg_checkpoint *checkpoint)
{
    struct hg_h5 file;
    HG_TRY(hg_h5_create_sealed(paths->temporary, paths->target, &file));
    HG_TRY(hg_h5_finish(&file, write_contents(&file, checkpoint)));
    return hg_seal_write(paths->temporary, paths->target);
}

hg_status hg_checkpoint_write(const struct hg_comm *comm, const char *path,
                              const struct hg_checkpoint *checkpoint)
{
    struct hg_atomic paths;
    HG_TRY(hg_atomic_begin_all(comm, path, HG_LINKS_REPLACED, &paths));
    return hg_atomic_end_all(comm, comm->rank == 0 ? write_file(&paths, checkpoint) : HG_OK, &paths);
}

hg_status hg_checkpoint_check_format(const struct hg_h5 *file, bool *bare)
{
    char *text = NULL;
    HG_TRY(hg_h5_get_text(file, "format", &text));
    *bare = text == NULL;
    hg_mem_free(text);
    return *bare ? HG_OK : hg_h5_check_format(file, format, VERSION);
}

/* Opens a checkpoint; with `bare` also a file that has /params but no attribute `format`, such as an exported state
 * dict. */
static hg_status open_checkpoint(const char *path, bool bare, struct hg_h5 *file)
{
    enum hg_file_kind kind;
    HG_TRY(hg_file_kind(path, &kind));
    if (kind != HG_FILE_HDF5) return hg_file_kind_fail(path, kind, HG_FILE_CHECKPOINT);
    HG_TRY(hg_h5_open(path, file));
    hg_status status = hg_file_kind_hdf5(file, &kind);
    /* an HDF5 file with edge_index may hold /params as well */
    if (status == HG_OK && bare && kind == HG_FILE_DATA) status = hg_file_kind_params(file, &kind);
    if (status == HG_OK && kind != HG_FILE_CHECKPOINT && !(bare && kind == HG_FILE_PARAMS))
        status = hg_file_kind_fail(path, kind, HG_FILE_CHECKPOINT);
    if (status == HG_OK && kind == HG_FILE_CHECKPOINT) status = hg_h5_check_format(file, format, VERSION);
    if (status != HG_OK) hg_h5_close(file);
    return status;
}

static hg_status read_tensor(const struct hg_h5 *file, const char *group, const struct hg_tensor *tensor)
{
    char path[PATH_BYTES];
    struct hg_h5_shape want = {.classes = HG_H5_FLOAT, .dims = tensor->dims};
    memcpy(want.size, tensor->shape, sizeof tensor->shape);
    tensor_path(group, tensor->name, path);
    HG_TRY(hg_h5_expect(file, path, &want, NULL));
    const struct hg_range rows = {0, tensor->shape[0]};
    HG_TRY(hg_h5_read_rows(file, path, type_of(tensor), rows, tensor->data));
    return hg_checkpoint_check_tensor(file, path);
}

static hg_status read_tensors(const char *path, const char *group, const struct hg_tensor *tensors, int count)
{
    struct hg_h5 file;
    HG_TRY(open_checkpoint(path, true, &file));
    hg_status status = HG_OK;
    for (int k = 0; k < count && status == HG_OK; k++) status = read_tensor(&file, group, &tensors[k]);
    hg_h5_close(&file);
    return status;
}

hg_status hg_checkpoint_read(const struct hg_comm *comm, const char *path, const char *group,
                             const struct hg_tensor *tensors, int count)
{
    HG_TRY(hg_agree(comm, comm->rank == 0 ? read_tensors(path, group, tensors, count) : HG_OK));
    for (int k = 0; k < count; k++)
        hg_comm_bcast(comm, tensors[k].data,
                      hg_tensor_elements(&tensors[k]) * (int64_t)hg_tensor_bytes(&tensors[k]), 0);
    return HG_OK;
}

static hg_status read_text(const char *path, const char *name, char **text)
{
    struct hg_h5 file;
    HG_TRY(open_checkpoint(path, false, &file));
    const hg_status status = hg_h5_get_text(&file, name, text);
    hg_h5_close(&file);
    return status;
}

hg_status hg_checkpoint_read_text(const struct hg_comm *comm, const char *path, const char *name, char **text)
{
    *text = NULL;
    hg_status status = hg_agree(comm, comm->rank == 0 ? read_text(path, name, text) : HG_OK);
    int64_t bytes = *text != NULL ? (int64_t)strlen(*text) + 1 : 0;
    if (status == HG_OK) {
        hg_comm_bcast(comm, &bytes, sizeof bytes, 0);
        if (bytes == 0) return HG_OK;
        status = hg_agree(comm, comm->rank == 0 ? HG_OK : HG_NEW(*text, bytes));
    }
    if (status == HG_OK)
        hg_comm_bcast(comm, *text, bytes, 0);
    else
        HG_FREE(*text);
    return status;
}

static hg_status read_number(const char *path, const char *name, double *value, bool *found)
{
    struct hg_h5 file;
    HG_TRY(open_checkpoint(path, false, &file));
    const hg_status status = hg_h5_get_number(&file, name, value, found);
    hg_h5_close(&file);
    return status;
}

hg_status hg_checkpoint_read_number(const struct hg_comm *comm, const char *path, const char *name,
                                    double *value, bool *found)
{
    *found = false;
    HG_TRY(hg_agree(comm, comm->rank == 0 ? read_number(path, name, value, found) : HG_OK));
    hg_comm_bcast(comm, found, sizeof *found, 0);
    if (*found) hg_comm_bcast(comm, value, sizeof *value, 0);
    return HG_OK;
}

static hg_status find(const char *path, const char *group, const char *name, bool *found)
{
    struct hg_h5 file;
    char tensor[PATH_BYTES];
    HG_TRY(open_checkpoint(path, true, &file));
    tensor_path(group, name, tensor);
    *found = hg_h5_exists(&file, tensor);
    hg_h5_close(&file);
    return HG_OK;
}

hg_status hg_checkpoint_has(const struct hg_comm *comm, const char *path, const char *group, const char *name,
                            bool *found)
{
    *found = false;
    HG_TRY(hg_agree(comm, comm->rank == 0 ? find(path, group, name, found) : HG_OK));
    hg_comm_bcast(comm, found, sizeof *found, 0);
    return HG_OK;
}
