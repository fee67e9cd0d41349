#include "base/mem.h"
#include "io/import/import_precision.h"
#include "io/import/import_text.h"
#include "io/import/matrix_market.h"
#include "io/npy/npy.h"

static hg_status check_npy(const char *path, const struct hg_npy *npy)
{
    if (npy->shape.dims == 2) return HG_OK;
    return hg_fail(HG_FAILED, path, "has %d dimensions, not 2", npy->shape.dims);
}

static hg_status describe_npy(const char *path, int64_t *rows)
{
    struct hg_stream stream;
    struct hg_npy npy;
    HG_TRY(hg_stream_open(path, &stream));
    hg_status status = hg_npy_read_header(&stream, &npy);
    hg_stream_close(&stream);
    if (status == HG_OK) status = check_npy(path, &npy);
    if (status == HG_OK) *rows = npy.shape.size[0];
    return status;
}

static hg_status describe_mtx(const char *path, int64_t *rows)
{
    struct hg_matrix_market matrix;
    HG_TRY(hg_matrix_market_describe(path, &matrix));
    *rows = matrix.rows;
    return HG_OK;
}

static hg_status read_npy_block(const struct hg_stream *stream, struct hg_range block, struct hg_features *x)
{
    struct hg_npy npy;
    HG_TRY(hg_npy_read_header(stream, &npy));
    HG_TRY(check_npy(stream->what, &npy));
    x->cols = npy.shape.size[1];
    HG_TRY(hg_stream_check_size(stream->what, npy.shape.size[0] * x->cols * (int64_t)npy.shape.bytes));
    const bool wide = hg_import_is_wide(&npy.shape);
    const int64_t values = (block.end - block.first) * x->cols;
    HG_TRY(wide ? HG_NEW(x->wide, values) : HG_NEW(x->dense, values));
    const struct hg_h5_block part = {2, {block.first, 0}, {block.end - block.first, x->cols}};
    return hg_npy_read(stream, &npy, wide ? HG_H5_DOUBLE : HG_H5_REAL, &part,
                       wide ? (void *)x->wide : (void *)x->dense);
}

static hg_status read_npy(const char *path, struct hg_range block, struct hg_features *x)
{
    struct hg_stream stream;
    HG_TRY(hg_stream_open(path, &stream));
    const hg_status status = read_npy_block(&stream, block, x);
    hg_stream_close(&stream);
    return status;
}

/* Formats of files of features, by the end of the file's name. */
static const struct feature_format {
    const char *suffix;
    hg_status (*describe)(const char *path, int64_t *rows);
    hg_status (*read)(const char *path, struct hg_range block, struct hg_features *x);
} feature_formats[] = {
    {".mtx", describe_mtx, hg_matrix_market_read},
    {".npy", describe_npy, read_npy},
};

static hg_status find_format(const char *path, const struct feature_format **format)
{
    for (size_t f = 0; f < sizeof feature_formats / sizeof feature_formats[0]; f++) {
        *format = &feature_formats[f];
        if (hg_path_ends(path, (*format)->suffix)) return HG_OK;
    }
    return hg_fail(HG_FAILED, path, "features are read from .mtx or .npy (or .gz of these)");
}

hg_status hg_import_text_describe_features(const char *path, int64_t *rows)
{
    const struct feature_format *format = NULL;
    HG_TRY(find_format(path, &format));
    return format->describe(path, rows);
}

hg_status hg_import_text_features(struct hg_import *import)
{
    const char *path = import->options->features;
    struct hg_graph_info *info = &import->rows->info;
    struct hg_features *x = &import->rows->x;
    const struct hg_range block = hg_import_block(import);
    const struct feature_format *format = NULL;
    int64_t rows = 0;
    if (path == NULL) return HG_OK;
    HG_TRY(find_format(path, &format));
    HG_TRY(format->describe(path, &rows));
    if (rows != info->num_nodes)
        return hg_fail(HG_FAILED, path, "%lld rows for %lld nodes", (long long)rows,
                       (long long)info->num_nodes);
    HG_TRY(format->read(path, block, x));
    info->num_features = x->cols;
    info->sparse = x->indptr != NULL;
    if (info->sparse) return hg_import_check_sparse(path, block.first, block.end - block.first, x);
    return hg_import_check_dense(path, "features", block.first, block.end - block.first, x);
}
