#include "base/mem.h"
#include "roofline.h"

/* Products of one layer: X, dX [owned, in], Z (also dZ) [owned, out], W [in, out], and per thread dW. */
struct layer {
    const struct hg_roof *roof;
    int64_t in, out;
    enum hg_roof_product which;
    hg_real *x, *dx, *z, *w, *dw;
};

static struct hg_mat cell_rows(const struct layer *layer, hg_lid cell, hg_real *data, int64_t cols)
{
    const int64_t first = layer->roof->shard->cell_offset[cell],
                  end = layer->roof->shard->cell_offset[cell + 1];
    return hg_mat_packed(data + first * cols, end - first, cols);
}

static void multiply_cell(void *context, hg_lid cell, int thread)
{
    const struct layer *layer = context;
    const struct hg_blas *blas = &layer->roof->backend.blas;
    const int64_t in = layer->in, out = layer->out;
    const struct hg_mat x = cell_rows(layer, cell, layer->x, in), z = cell_rows(layer, cell, layer->z, out);
    const struct hg_mat w = hg_mat_packed(layer->w, in, out);
    const struct hg_mat dw = hg_mat_packed(layer->dw + thread * in * out, in, out);
    if (layer->which == HG_ROOF_Z)
        hg_dense_product(blas, HG_PLAIN, x, w, false, z);
    else if (layer->which == HG_ROOF_DW)
        hg_dense_product(blas, HG_TRANSPOSE_A, x, z, false, dw);
    else
        hg_dense_product(blas, HG_TRANSPOSE_B, z, w, false, cell_rows(layer, cell, layer->dx, in));
}

static void multiply(void *context)
{
    const struct layer *layer = context;
    hg_team_run(layer->roof->team, layer->roof->shard->cells, multiply_cell, context);
}

static hg_status create(struct layer *layer)
{
    const int64_t rows = layer->roof->shard->owned, weights = layer->in * layer->out;
    HG_TRY(HG_NEW(layer->x, rows * layer->in));
    HG_TRY(HG_NEW(layer->dx, rows * layer->in));
    HG_TRY(HG_NEW(layer->z, rows * layer->out));
    HG_TRY(HG_NEW(layer->w, weights));
    HG_TRY(HG_NEW(layer->dw, layer->roof->backend.threads * weights));
    hg_roof_fill(layer->x, rows * layer->in);
    hg_roof_fill(layer->w, weights);
    return HG_OK;
}

hg_status hg_roof_products(const struct hg_roof *roof, int64_t in, int64_t out,
                           double seconds[HG_ROOF_PRODUCTS])
{
    struct layer layer = {.roof = roof, .in = in, .out = out};
    const hg_status status = create(&layer);
    for (int p = 0; status == HG_OK && p < HG_ROOF_PRODUCTS; p++) {
        layer.which = (enum hg_roof_product)p;
        seconds[p] = hg_roof_seconds(roof, multiply, &layer);
    }
    HG_FREE(layer.x);
    HG_FREE(layer.dx);
    HG_FREE(layer.z);
    HG_FREE(layer.w);
    HG_FREE(layer.dw);
    return status;
}

/* One product of square matrices, C = A B, per thread. */
struct squares {
    const struct hg_roof *roof;
    int64_t size;
    hg_real *data; /* [threads, 3, size, size] */
};

static void multiply_square(void *context, hg_lid square, int thread)
{
    const struct squares *s = context;
    const int64_t n = s->size * s->size;
    hg_real *mine = s->data + 3 * n * square;
    (void)thread;
    hg_dense_product(&s->roof->backend.blas, HG_PLAIN, hg_mat_packed(mine, s->size, s->size),
                     hg_mat_packed(mine + n, s->size, s->size), false,
                     hg_mat_packed(mine + 2 * n, s->size, s->size));
}

static void multiply_squares(void *context)
{
    const struct squares *s = context;
    hg_team_run(s->roof->team, s->roof->backend.threads, multiply_square, context);
}

hg_status hg_roof_peak(const struct hg_roof *roof, int64_t size, double *seconds)
{
    struct squares s = {.roof = roof, .size = size};
    const int64_t numbers = 3 * size * size * roof->backend.threads;
    HG_TRY(HG_NEW(s.data, numbers));
    hg_roof_fill(s.data, numbers);
    *seconds = hg_roof_seconds(roof, multiply_squares, &s);
    HG_FREE(s.data);
    return HG_OK;
}
