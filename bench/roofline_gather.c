#include "base/clock.h"
#include "base/mem.h"
#include "base/simd.h"
#include "roofline.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    TILE = 16, /* largest number of vectors of a row that are summed in registers at once */
    LINE = 64, /* bytes of a cache line */
};

/* Prefetches into the second-level cache, which can have more outstanding misses than the first. */
INLINE void prefetch(const hg_real *part, int vectors)
{
    const size_t bytes = (size_t)vectors * sizeof(hg_vec);
#pragma GCC unroll 16
    for (size_t k = 0; k < bytes; k += LINE) __builtin_prefetch((const char *)part + k, 0, 2);
}

/* Computes numbers [from, from + vectors * HG_LANES) of the sum of row i. `vectors` is a compile-time constant, so
 * the sums stay in registers. Each edge before fetch_end prefetches the row of the edge g->ahead after it. */
INLINE void sum_tile(const struct hg_roof_gather *g, hg_lid i, int64_t from, hg_eid fetch_end, int vectors)
{
    const hg_lid *source = g->roof->shard->in->indices;
    const hg_real *rows = g->rows + from;
    hg_vec sum[TILE] = {{0}};
    for (hg_eid e = g->roof->shard->in->indptr[i]; e < g->roof->shard->in->indptr[i + 1]; e++) {
        if (e < fetch_end) prefetch(rows + source[e + g->ahead] * g->width, vectors);
        const hg_real *row = rows + source[e] * g->width;
#pragma GCC unroll 16
        for (int v = 0; v < vectors; v++) sum[v] += *(const hg_vec *)(row + v * HG_LANES);
    }
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) *(hg_vec *)(g->sums + i * g->width + from + v * HG_LANES) = sum[v];
}

INLINE void sum_cell(const struct hg_roof_gather *g, hg_lid cell, int vectors)
{
    const hg_lid first = g->roof->shard->cell_offset[cell], end = g->roof->shard->cell_offset[cell + 1];
    const hg_eid fetch_end = g->ahead > 0 ? g->roof->shard->in->indptr[end] - g->ahead : 0;
    for (hg_lid i = first; i < end; i++)
        for (int64_t from = 0; from < g->width; from += vectors * HG_LANES)
            sum_tile(g, i, from, fetch_end, vectors);
}

/* The largest number of vectors, at most TILE, that divides a row. */
static int tile_of(int64_t width)
{
    int vectors = TILE;
    while (width / HG_LANES % vectors != 0) vectors--;
    return vectors;
}

#define COPY(VECTORS)                                                                                        \
    case VECTORS:                                                                                            \
        sum_cell(g, cell, VECTORS);                                                                          \
        break

/* The loops are compiled once for every tile size. */
static void sum_cell_by_tile(const struct hg_roof_gather *g, hg_lid cell)
{
    switch (tile_of(g->width)) {
        COPY(1);
        COPY(2);
        COPY(3);
        COPY(4);
        COPY(5);
        COPY(6);
        COPY(7);
        COPY(8);
        COPY(9);
        COPY(10);
        COPY(11);
        COPY(12);
        COPY(13);
        COPY(14);
        COPY(15);
        COPY(16);
    }
}

static void sum_cell_rows(void *context, hg_lid cell, int thread)
{
    (void)thread;
    sum_cell_by_tile(context, cell);
}

static void sum_rows(void *context)
{
    const struct hg_roof_gather *g = context;
    hg_team_run(g->roof->team, g->roof->shard->cells, sum_cell_rows, context);
}

static void write_cell_rows(void *context, hg_lid cell, int thread)
{
    const struct hg_roof_gather *g = context;
    const hg_lid *offset = g->roof->shard->cell_offset;
    (void)thread;
    hg_roof_fill(g->rows + offset[cell] * g->width, (offset[cell + 1] - offset[cell]) * g->width);
}

static void write_rows(struct hg_roof_gather *g)
{
    hg_team_run(g->roof->team, g->roof->shard->cells, write_cell_rows, g);
}

hg_status hg_roof_gather_create(const struct hg_roof *roof, int64_t width, struct hg_roof_gather *gather)
{
    *gather = (struct hg_roof_gather){.roof = roof, .width = width};
    HG_TRY(HG_NEW(gather->rows, roof->shard->owned * width));
    HG_TRY(HG_NEW(gather->sums, roof->shard->owned * width));
    write_rows(gather);
    return HG_OK;
}

void hg_roof_gather_destroy(struct hg_roof_gather *gather)
{
    HG_FREE(gather->rows);
    HG_FREE(gather->sums);
}

double hg_roof_gather_tune(struct hg_roof_gather *gather, const int64_t *ahead, int count)
{
    double best = 0;
    int64_t best_ahead = 0;
    for (int k = 0; k < count; k++) {
        gather->ahead = ahead[k];
        const double seconds = hg_roof_seconds(gather->roof, sum_rows, gather);
        if (k > 0 && seconds >= best) continue;
        best = seconds;
        best_ahead = ahead[k];
    }
    gather->ahead = best_ahead;
    return best;
}

double hg_roof_gather_fresh(struct hg_roof_gather *gather)
{
    write_rows(gather);
    const double start = hg_clock_seconds();
    sum_rows(gather);
    return hg_clock_seconds() - start;
}
