#include "base/mem.h"
#include "base/simd.h"
#include "roofline.h"

#define INLINE static inline __attribute__((always_inline))

enum {
    TILE = 16, /* most vectors of a row that are summed in registers at once */
    LINE = 64, /* bytes of a cache line */
};

struct gather {
    const struct hg_shard *shard;
    int threads;
    int64_t width, ahead;
    hg_real *rows; /* [owned, width] */
    hg_real *sums; /* [owned, width] */
};

INLINE void prefetch(const hg_real *part, int vectors)
{
    const size_t bytes = (size_t)vectors * sizeof(hg_vec);
#pragma GCC unroll 16
    for (size_t k = 0; k < bytes; k += LINE) __builtin_prefetch((const char *)part + k);
}

/* Numbers [from, from + vectors * HG_LANES) of the sum of row i. `vectors` is a constant, so the sums are registers. Edges before
 * `fetch_end` prefetch. */
INLINE void sum_tile(const struct gather *g, hg_lid i, int64_t from, hg_eid fetch_end, int vectors)
{
    const hg_lid *source = g->shard->in->indices;
    const hg_real *rows = g->rows + from;
    hg_vec sum[TILE] = {{0}};
    for (hg_eid e = g->shard->in->indptr[i]; e < g->shard->in->indptr[i + 1]; e++) {
        if (e < fetch_end) prefetch(rows + source[e + g->ahead] * g->width, vectors);
        const hg_real *row = rows + source[e] * g->width;
#pragma GCC unroll 16
        for (int v = 0; v < vectors; v++) sum[v] += *(const hg_vec *)(row + v * HG_LANES);
    }
#pragma GCC unroll 16
    for (int v = 0; v < vectors; v++) *(hg_vec *)(g->sums + i * g->width + from + v * HG_LANES) = sum[v];
}

INLINE void sum_cell(const struct gather *g, hg_lid cell, int vectors)
{
    const hg_lid first = g->shard->cell_offset[cell], end = g->shard->cell_offset[cell + 1];
    const hg_eid fetch_end = g->ahead > 0 ? g->shard->in->indptr[end] - g->ahead : 0;
    for (hg_lid i = first; i < end; i++)
        for (int64_t from = 0; from < g->width; from += vectors * HG_LANES)
            sum_tile(g, i, from, fetch_end, vectors);
}

/* The largest number of vectors that fits the registers and divides a row. */
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

/* A copy of the loops for every tile. */
static void sum_cell_by_tile(const struct gather *g, hg_lid cell)
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

static void gather(void *context)
{
    const struct gather *g = context;
#pragma omp parallel for schedule(dynamic, 1) num_threads(g->threads)
    for (hg_lid cell = 0; cell < g->shard->cells; cell++) sum_cell_by_tile(g, cell);
}

static hg_status create(struct gather *g)
{
    const int64_t n = g->shard->owned * g->width;
    HG_TRY(HG_NEW(g->rows, n));
    HG_TRY(HG_NEW(g->sums, n));
    hg_roof_fill(g->rows, n);
    return HG_OK;
}

hg_status hg_roof_gather(const struct hg_roof *roof, int64_t width, const int64_t *ahead, int count,
                         struct hg_roof_gather *best)
{
    struct gather g = {.shard = roof->shard, .threads = roof->machine.threads, .width = width};
    const hg_status status = create(&g);
    for (int k = 0; status == HG_OK && k < count; k++) {
        g.ahead = ahead[k];
        const double seconds = hg_roof_seconds(roof, gather, &g);
        if (k == 0 || seconds < best->seconds) *best = (struct hg_roof_gather){seconds, g.ahead};
    }
    HG_FREE(g.rows);
    HG_FREE(g.sums);
    return status;
}
