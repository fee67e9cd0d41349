#include "io/checkpoint_check.h"

#include "base/mem.h"
#include "io/hdf5/h5_list.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_NUMBERS = 1 << 16, PATH_BYTES = 512 };

static bool must_be_positive(const char *path)
{
    return strcmp(path, "/statistics/feature_scale") == 0 || strcmp(path, "/statistics/target_unit") == 0;
}

static hg_status check_numbers(const struct hg_h5 *file, const char *path, const hg_real *values, int64_t n)
{
    const bool positive = must_be_positive(path);
    for (int64_t k = 0; k < n; k++) {
        if (!isfinite(values[k]))
            return hg_fail(HG_FAILED, file->path, "%s has NaN or infinite numbers", path);
        if (positive && values[k] <= 0)
            return hg_fail(HG_FAILED, file->path, "%s has numbers that are not above 0", path);
    }
    return HG_OK;
}

/* Reads and checks a tensor in pieces of whole rows, each of which has `row` numbers. block: the whole tensor. */
static hg_status check_pieces(const struct hg_h5 *file, const char *path, struct hg_h5_block block,
                              int64_t row)
{
    const int64_t rows = block.dims > 0 ? block.count[0] : 1, most = hg_max_i64(1, PIECE_NUMBERS / row);
    hg_real *values = NULL;
    hg_status status = HG_NEW(values, hg_min_i64(rows, most) * row);
    for (int64_t r = 0; status == HG_OK && r < rows; r += most) {
        block.start[0] = r;
        block.count[0] = hg_min_i64(most, rows - r);
        status = hg_h5_read(file, path, HG_H5_REAL, &block, values);
        if (status == HG_OK) status = check_numbers(file, path, values, block.count[0] * row);
    }
    hg_mem_free(values);
    return status;
}

hg_status hg_checkpoint_check_tensor(const struct hg_h5 *file, const char *path)
{
    struct hg_h5_shape shape;
    int64_t row = 1;
    HG_TRY(hg_h5_describe(file, path, &shape));
    struct hg_h5_block block = {.dims = shape.dims};
    memcpy(block.count, shape.size, sizeof block.count);
    for (int d = 1; d < shape.dims; d++) row *= shape.size[d];
    return row > 0 ? check_pieces(file, path, block, row) : HG_OK;
}

/* The group whose tensors hg_checkpoint_check visits. */
struct group {
    const struct hg_h5 *file;
    const char *name;
};

static hg_status on_tensor(const char *name, const struct hg_h5_shape *shape, void *context)
{
    const struct group *group = context;
    char path[PATH_BYTES];
    (void)shape;
    snprintf(path, sizeof path, "%s/%s", group->name, name);
    return hg_checkpoint_check_tensor(group->file, path);
}

hg_status hg_checkpoint_check(const struct hg_h5 *file)
{
    static const char *const groups[] = {"/params", "/statistics", "/optimizer/m", "/optimizer/v"};
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++) {
        struct group group = {file, groups[g]};
        HG_TRY(hg_h5_list(file, groups[g], on_tensor, &group));
    }
    return HG_OK;
}
