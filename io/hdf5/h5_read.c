#include "io/hdf5/h5_private.h"

#include "base/mem.h"
#include <string.h>

hg_status hg_h5_transfer_select(const struct hg_h5 *file, const char *name, const struct hg_h5_block *block,
                                struct hg_h5_transfer *t)
{
    hsize_t start[HG_H5_DIMS] = {0}, count[HG_H5_DIMS] = {0};
    for (int d = 0; d < block->dims; d++) {
        start[d] = (hsize_t)block->start[d];
        count[d] = (hsize_t)block->count[d];
    }
    t->memory = block->dims > 0 ? H5Screate_simple(block->dims, count, NULL) : H5Screate(H5S_SCALAR);
    if (block->dims == 0 && H5Sget_simple_extent_type(t->space) == H5S_SCALAR) return HG_OK;
    if (t->memory < 0 || H5Sget_simple_extent_ndims(t->space) != block->dims ||
        H5Sselect_hyperslab(t->space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Sselect_valid(t->space) <= 0)
        return hg_fail(HG_FAILED, file->path, "data set %s: rows outside it were asked for", name);
    return HG_OK;
}

/* Classes on disk that may be read as each type. */
static const unsigned readable[HG_H5_TYPES] = {
    [HG_H5_INT64] = HG_H5_INTEGER | HG_H5_BOOL,
    [HG_H5_INT32] = HG_H5_INTEGER | HG_H5_BOOL,
    [HG_H5_UINT8] = HG_H5_INTEGER | HG_H5_BOOL,
    [HG_H5_TRUTH] = HG_H5_INTEGER | HG_H5_BOOL,
    [HG_H5_REAL] = HG_H5_FLOAT | HG_H5_INTEGER | HG_H5_BOOL,
    [HG_H5_DOUBLE] = HG_H5_FLOAT | HG_H5_INTEGER | HG_H5_BOOL,
    [HG_H5_TEXT] = HG_H5_STRING,
};

/* HDF5's callback for numbers that do not fit the type in memory: by default HDF5 would clamp them, but a failure is
 * better than a wrong number. */
static H5T_conv_ret_t refuse_overflow(H5T_conv_except_t what, hid_t from, hid_t to, void *source,
                                      void *target, void *overflow)
{
    (void)from, (void)source, (void)target;
    if (H5Tget_class(to) != H5T_INTEGER) return H5T_CONV_UNHANDLED;
    if (what != H5T_CONV_EXCEPT_RANGE_HI && what != H5T_CONV_EXCEPT_RANGE_LOW) return H5T_CONV_UNHANDLED;
    *(bool *)overflow = true;
    return H5T_CONV_ABORT;
}

/* Sets the type in memory and the check of its conversion. */
static hg_status prepare_read(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                              struct hg_h5_transfer *t)
{
    if ((hg_h5_class_of(t->type) & readable[type]) == 0)
        return hg_fail(HG_FAILED, file->path, "data set %s has the wrong type", name);
    if (type != HG_H5_TEXT) {
        H5Tclose(t->type);
        t->type = H5Tcopy(hg_h5_native(type));
    }
    t->list = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_type_conv_cb(t->list, refuse_overflow, &t->overflow);
    return HG_OK;
}

/* Names of compression filters that files written by Python programs use; HDF5 itself knows only some of them. */
static const struct {
    H5Z_filter_t id;
    const char *name;
} foreign_filters[] = {
    {307, "bzip2"},
    {32000, "lzf"},
    {32001, "blosc"},
    {32004, "lz4"},
    {32008, "bitshuffle"},
    {32013, "zfp"},
    {32015, "zstd"},
    {32017, "sz"},
    {32026, "blosc2"},
    {H5Z_FILTER_SZIP, "szip"},
    {H5Z_FILTER_DEFLATE, "gzip"},
};

static const char *filter_name(H5Z_filter_t id, const char *stored)
{
    for (size_t k = 0; k < sizeof foreign_filters / sizeof foreign_filters[0]; k++)
        if (foreign_filters[k].id == id) return foreign_filters[k].name;
    return stored[0] != '\0' ? stored : "a filter without a name";
}

/* Fails when a filter of the data set is not available, and names the filter. */
static hg_status check_filters(const struct hg_h5 *file, const char *name, hid_t set)
{
    hg_status status = HG_OK;
    const hid_t list = H5Dget_create_plist(set);
    const int filters = list >= 0 ? H5Pget_nfilters(list) : 0;
    for (int k = 0; k < filters && status == HG_OK; k++) {
        char stored[64] = "";
        unsigned flags = 0, config = 0;
        size_t values = 0;
        const H5Z_filter_t id =
            H5Pget_filter2(list, (unsigned)k, &flags, &values, NULL, sizeof stored - 1, stored, &config);
        if (id >= 0 && H5Zfilter_avail(id) <= 0)
            status = hg_fail(
                HG_FAILED, file->path,
                "data set %s is compressed by %s (HDF5 filter %d), which is not available here: write it "
                "with gzip, or where the filter is: h5repack -f GZIP=4 IN OUT",
                name, filter_name(id, stored), (int)id);
    }
    if (list >= 0) H5Pclose(list);
    return status;
}

static hg_status transfer_in(const struct hg_h5 *file, const char *name, struct hg_h5_transfer *t, void *data)
{
    if (H5Dread(t->set, t->type, t->memory, t->space, t->list, data) >= 0) return HG_OK;
    if (t->overflow)
        return hg_fail(HG_FAILED, file->path, "data set %s holds a number that is out of range", name);
    HG_TRY(check_filters(file, name, t->set));
    return hg_fail(HG_FAILED, file->path, "data set %s cannot be read (truncated or damaged file?)", name);
}

static bool is_empty(const struct hg_h5_block *block)
{
    bool empty = false;
    for (int d = 0; d < block->dims; d++) empty = empty || block->count[d] == 0;
    return empty;
}

hg_status hg_h5_read(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                     const struct hg_h5_block *block, void *data)
{
    struct hg_h5_transfer t;
    hg_status status = hg_h5_transfer_open(file, name, &t);
    if (status == HG_OK) status = prepare_read(file, name, type, &t);
    if (status == HG_OK && !is_empty(block)) {
        status = hg_h5_transfer_select(file, name, block, &t);
        if (status == HG_OK) status = transfer_in(file, name, &t, data);
    }
    hg_h5_transfer_close(&t);
    return status;
}

hg_status hg_h5_block_of_rows(const struct hg_h5 *file, const char *name, struct hg_range rows,
                              struct hg_h5_block *block)
{
    struct hg_h5_shape shape;
    HG_TRY(hg_h5_describe(file, name, &shape));
    *block = (struct hg_h5_block){.dims = shape.dims};
    memcpy(block->count, shape.size, sizeof block->count);
    block->start[0] = rows.first;
    block->count[0] = rows.end - rows.first;
    return HG_OK;
}

hg_status hg_h5_read_rows(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                          struct hg_range rows, void *data)
{
    struct hg_h5_block block;
    HG_TRY(hg_h5_block_of_rows(file, name, rows, &block));
    return hg_h5_read(file, name, type, &block, data);
}

/* Selects elements of a one-dimensional data set. */
static hg_status select_points(const struct hg_h5 *file, const char *name, const int64_t *at, int64_t n,
                               struct hg_h5_transfer *t)
{
    const hsize_t count = (hsize_t)n;
    hsize_t *points = NULL;
    HG_TRY(HG_NEW(points, n));
    for (int64_t k = 0; k < n; k++) points[k] = (hsize_t)at[k];
    t->memory = H5Screate_simple(1, &count, NULL);
    const bool good = t->memory >= 0 && H5Sget_simple_extent_ndims(t->space) == 1 &&
                      H5Sselect_elements(t->space, H5S_SELECT_SET, (size_t)n, points) >= 0 &&
                      H5Sselect_valid(t->space) > 0;
    hg_mem_free(points);
    return good ? HG_OK : hg_fail(HG_FAILED, file->path, "data set %s: rows outside it were asked for", name);
}

hg_status hg_h5_read_points(const struct hg_h5 *file, const char *name, const int64_t *at, int64_t n,
                            int64_t *values)
{
    struct hg_h5_transfer t;
    hg_status status = hg_h5_transfer_open(file, name, &t);
    if (status == HG_OK) status = prepare_read(file, name, HG_H5_INT64, &t);
    if (status == HG_OK && n > 0) {
        status = select_points(file, name, at, n, &t);
        if (status == HG_OK) status = transfer_in(file, name, &t, values);
    }
    hg_h5_transfer_close(&t);
    return status;
}
