#include "io/file_kind.h"
#include "io/hdf5/h5_list.h"
#include "io/import/import_arrays.h"

static bool exists(const void *handle, const char *name)
{
    return hg_h5_exists(handle, name);
}

static hg_status describe(const void *handle, const char *name, struct hg_h5_shape *shape)
{
    return hg_h5_describe(handle, name, shape);
}

static hg_status read(const void *handle, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data)
{
    return hg_h5_read(handle, name, type, block, data);
}

static hg_status list(const void *handle, hg_name_visit *visit, void *context)
{
    return hg_h5_names(handle, visit, context);
}

/* Opens the file; fails when it is a graph file, a checkpoint or a file of parameters, which are HDF5 files, too. */
static hg_status open_data(const char *path, struct hg_h5 *file)
{
    enum hg_file_kind kind;
    HG_TRY(hg_h5_open(path, file));
    HG_TRY(hg_file_kind_hdf5(file, &kind));
    return kind == HG_FILE_DATA || kind == HG_FILE_HDF5 ? HG_OK : hg_file_kind_fail(path, kind, HG_FILE_DATA);
}

static hg_status read_hdf5(struct hg_import *import)
{
    struct hg_h5 file;
    const struct hg_array_source source = {import->options->source, &file, exists, describe, read, list};
    const hg_status status = hg_import_arrays(import, &source, open_data(import->options->source, &file));
    hg_h5_close(&file);
    return status;
}

const struct hg_importer hg_importer_hdf5 = {.kinds = 1 << HG_FILE_HDF5, .read = read_hdf5};
