#include "io/import/import_arrays.h"
#include "io/npy/npz.h"

static bool exists(const void *handle, const char *name)
{
    return hg_npz_exists(handle, name);
}

static hg_status describe(const void *handle, const char *name, struct hg_h5_shape *shape)
{
    return hg_npz_describe(handle, name, shape);
}

static hg_status read(const void *handle, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data)
{
    return hg_npz_read(handle, name, type, block, data);
}

static hg_status list(const void *handle, hg_name_visit *visit, void *context)
{
    hg_npz_names(handle, visit, context);
    return HG_OK;
}

static hg_status read_npz(struct hg_import *import)
{
    struct hg_npz npz;
    const struct hg_array_source source = {import->options->source, &npz, exists, describe, read, list};
    const hg_status status = hg_import_arrays(import, &source, hg_npz_open(import->options->source, &npz));
    hg_npz_close(&npz);
    return status;
}

const struct hg_importer hg_importer_npz = {.kinds = 1 << HG_FILE_NPZ | 1 << HG_FILE_ZIP, .read = read_npz};
