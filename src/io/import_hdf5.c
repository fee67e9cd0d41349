#include "io/h5_list.h"
#include "io/import_arrays.h"

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

hg_status hg_import_read_hdf5(struct hg_import *import)
{
    struct hg_h5 file;
    const struct hg_array_source source = {import->options->source, &file, exists, describe, read, list};
    const hg_status status = hg_import_arrays(import, &source, hg_h5_open(import->options->source, &file));
    hg_h5_close(&file);
    return status;
}
