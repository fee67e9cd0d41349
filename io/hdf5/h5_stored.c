#include "io/hdf5/h5_stored.h"

#include "io/hdf5/h5_private.h"
#include <stdio.h>

static void name_type(hid_t type, char code[HG_H5_CODE])
{
    const size_t bytes = H5Tget_size(type);
    char kind = 'V';
    switch (hg_h5_class_of(type)) {
    case HG_H5_INTEGER:
        kind = H5Tget_sign(type) == H5T_SGN_NONE ? 'u' : 'i';
        break;
    case HG_H5_FLOAT:
        kind = 'f';
        break;
    case HG_H5_BOOL:
        kind = 'b';
        break;
    case HG_H5_STRING:
        kind = 'S';
        break;
    default:
        break;
    }
    snprintf(code, HG_H5_CODE, "%c%zu", kind, bytes);
}

hg_status hg_h5_describe_stored(const struct hg_h5 *file, const char *name, struct hg_h5_stored *stored)
{
    struct hg_h5_shape shape;
    struct hg_h5_transfer t;
    *stored = (struct hg_h5_stored){.row_bytes = 0};
    HG_TRY(hg_h5_describe(file, name, &shape));
    if (shape.dims < 1) return hg_fail(HG_FAILED, file->path, "data set %s has no rows", name);
    hg_status status = hg_h5_transfer_open(file, name, &t);
    if (status == HG_OK) name_type(t.type, stored->code);
    hg_h5_transfer_close(&t);
    stored->rows = shape.size[0];
    stored->row_bytes = shape.bytes;
    for (int d = 1; d < shape.dims; d++) stored->row_bytes *= (size_t)shape.size[d];
    return status;
}

/* Selects the rows of the pieces, with all columns, on disk and in memory. */
static bool select_pieces(const struct hg_h5_pieces *pieces, struct hg_h5_transfer *t)
{
    hsize_t size[HG_H5_DIMS] = {0}, start[HG_H5_DIMS] = {0}, stride[HG_H5_DIMS], count[HG_H5_DIMS],
            block[HG_H5_DIMS];
    const int dims = H5Sget_simple_extent_dims(t->space, size, NULL);
    for (int d = 0; d < dims; d++) {
        stride[d] = count[d] = 1;
        block[d] = size[d];
    }
    start[0] = (hsize_t)pieces->first;
    stride[0] = (hsize_t)hg_max_i64(pieces->stride, pieces->length);
    count[0] = (hsize_t)pieces->count;
    block[0] = (hsize_t)pieces->length;
    if (dims < 1 || H5Sselect_hyperslab(t->space, H5S_SELECT_SET, start, stride, count, block) < 0 ||
        H5Sselect_valid(t->space) <= 0)
        return false;
    const hsize_t elements = (hsize_t)H5Sget_select_npoints(t->space);
    t->memory = H5Screate_simple(1, &elements, NULL);
    return t->memory >= 0;
}

hg_status hg_h5_read_stored(const struct hg_h5 *file, const char *name, const struct hg_h5_pieces *pieces,
                            void *data)
{
    struct hg_h5_transfer t;
    struct hg_h5_stored stored;
    if (pieces->count == 0 || pieces->length == 0) return HG_OK;
    HG_TRY(hg_h5_describe_stored(file, name, &stored));
    if (stored.row_bytes == 0) return HG_OK;
    if (stored.code[0] == 'V')
        return hg_fail(HG_FAILED, file->path, "data set %s holds neither numbers nor text of fixed length",
                       name);
    hg_status status = hg_h5_transfer_open(file, name, &t);
    if (status == HG_OK && stored.code[0] != 'S') {
        const hid_t disk = t.type;
        t.type = H5Tcopy(disk);
        H5Tset_order(t.type, H5T_ORDER_LE);
        H5Tclose(disk);
    }
    if (status == HG_OK && !select_pieces(pieces, &t))
        status = hg_fail(HG_FAILED, file->path, "data set %s: rows outside it were asked for", name);
    if (status == HG_OK && H5Dread(t.set, t.type, t.memory, t.space, H5P_DEFAULT, data) < 0)
        status =
            hg_fail(HG_FAILED, file->path, "data set %s cannot be read (truncated or damaged file?)", name);
    hg_h5_transfer_close(&t);
    return status;
}
