#include "kernels/attention_batch.h"

#include <assert.h>
#include <string.h>

static_assert(HG_ATTENTION_SCRATCH >= 6 * (HG_BATCH_NUMBERS + HG_WIDE_LANES), "six arrays of a batch");

struct hg_batches HG_KERNEL(batches_begin)(const struct hg_edge_view *edges, const hg_lid *rows,
                                           int64_t count, int numbers_per_edge, int max_edges, bool dropping)
{
    const int64_t fitting = HG_BATCH_NUMBERS / hg_max_i64(numbers_per_edge, HG_LANES);
    return (struct hg_batches){edges, rows, count, 0, 0, (int)hg_min_i64(fitting, max_edges), dropping};
}

/* Appends n edges of the row at the cursor. */
static void append(const struct hg_batches *batches, struct hg_batch *batch, hg_eid begin, int n)
{
    batch->row[batch->rows] = batches->rows[batches->position];
    batch->first_edge[batch->rows++] = begin;
    batch->edges += n;
    batch->start[batch->rows] = batch->edges;
}

/* A chunk of the row at the cursor, which has more edges than fit into a batch. */
static void append_chunk(struct hg_batches *batches, struct hg_batch *batch, hg_eid begin, hg_eid remaining)
{
    const int n = (int)hg_min_i64(remaining, batches->capacity);
    append(batches, batch, begin, n);
    batch->first_chunk = batches->edges_done == 0;
    batch->last_chunk = n == remaining;
    batches->edges_done = batch->last_chunk ? 0 : batches->edges_done + n;
    batches->position += batch->last_chunk;
}

/* Rows that are consecutive in the list are mostly consecutive in the graph. Their neighbours are copied in one
 * call. */
static void copy_neighbours(const hg_lid *indices, struct hg_batch *batch)
{
    const int *start = batch->start;
    for (int r = 0, end; r < batch->rows; r = end) {
        for (end = r + 1; end < batch->rows; end++)
            if (batch->first_edge[end] != batch->first_edge[end - 1] + start[end] - start[end - 1]) break;
        memcpy(batch->neighbour + start[r], indices + batch->first_edge[r],
               (size_t)(start[end] - start[r]) * sizeof *indices);
    }
}

void HG_KERNEL(batches_next)(struct hg_batches *batches, struct hg_batch *batch, struct hg_batch *previous)
{
    batch->rows = batch->edges = batch->start[0] = 0;
    batch->first_chunk = batch->last_chunk = true;
    while (batches->position < batches->count && batch->rows < HG_BATCH_ROWS) {
        const hg_lid row = batches->rows[batches->position];
        const hg_eid begin = batches->edges->indptr[row] + batches->edges_done;
        const hg_eid remaining = batches->edges->indptr[row + 1] - begin;
        if (batches->edges_done > 0 || remaining > batches->capacity) {
            if (batch->rows == 0) append_chunk(batches, batch, begin, remaining);
            break;
        }
        if (remaining > batches->capacity - batch->edges) break;
        append(batches, batch, begin, (int)remaining);
        batches->position++;
    }
    copy_neighbours(batches->edges->indices, batch);
    const hg_lid filler = batch->edges > 0 ? batch->neighbour[0] : 0;
    for (int k = batch->edges; k < batches->capacity + HG_BATCH_TAIL; k++) batch->neighbour[k] = filler;
    for (int k = 0; batches->dropping && k < batch->edges; k++)
        __builtin_prefetch(batches->edges->imported + batch->neighbour[k]);
    if (previous != NULL)
        memcpy(previous->neighbour + previous->edges, batch->neighbour,
               HG_BATCH_TAIL * sizeof *batch->neighbour);
}

/* The index of an edge among parallel edges. Parallel edges are adjacent in a row; the first is found by steps that
 * double, then halve, because a row may consist of nothing but parallel edges. */
static uint64_t parallel_index(const struct hg_edge_view *edges, hg_lid row, hg_eid edge)
{
    const hg_lid neighbour = edges->indices[edge];
    hg_eid first = edge, step = 1;
    while (first - step >= edges->indptr[row] && edges->indices[first - step] == neighbour) {
        first -= step;
        step *= 2;
    }
    for (; step > 0; step /= 2)
        if (first - step >= edges->indptr[row] && edges->indices[first - step] == neighbour) first -= step;
    return (uint64_t)(edge - first);
}

/* Imported ids of the nodes of a batch's edges. */
struct edge_ids {
    uint64_t row[HG_BATCH_EDGES], neighbour[HG_BATCH_EDGES];
    const uint64_t *source, *target;
};

static void load_edge_ids(const struct hg_batch *batch, const struct hg_edge_view *edges, bool row_is_source,
                          struct edge_ids *ids)
{
    for (int r = 0; r < batch->rows; r++)
        for (int k = batch->start[r]; k < batch->start[r + 1]; k++)
            ids->row[k] = (uint64_t)edges->row_imported[batch->row[r]];
    for (int k = 0; k < batch->edges; k++) ids->neighbour[k] = (uint64_t)edges->imported[batch->neighbour[k]];
    ids->source = row_is_source ? ids->row : ids->neighbour;
    ids->target = row_is_source ? ids->neighbour : ids->row;
}

/* Replaces the random bits of parallel edges but the first: each has its own stream. */
static void redraw_parallel_edges(const struct hg_batch *batch, const struct hg_edge_view *edges,
                                  const struct hg_attention_dropout *dropout, const struct edge_ids *ids,
                                  int block, struct hg_rng_block *bits)
{
    for (int r = 0; r < batch->rows; r++) {
        const int begin = batch->start[r], end = batch->start[r + 1];
        uint64_t ordinal = 0;
        for (int k = begin; k < end; k++) {
            if (k > begin)
                ordinal = batch->neighbour[k] == batch->neighbour[k - 1] ? ordinal + 1 : 0;
            else if (!batch->first_chunk)
                ordinal = parallel_index(edges, batch->row[r], batch->first_edge[r]);
            if (ordinal == 0) continue;
            const struct hg_rng rng = hg_rng_fold(dropout->drop.rng, (uint64_t)block, ordinal);
            bits[k] = hg_rng_bits(rng, ids->source[k], ids->target[k]);
        }
    }
}

/* m_e of every edge for the head in `lane` of its block, eight edges at a time. What it writes after the last edge is
 * never read. */
static void write_factors_one_head(const struct hg_dropout *drop, const struct hg_rng_block *bits, int edges,
                                   int lane, hg_real *factor)
{
    const hg_vec scale = hg_fill(drop->scale);
    HG_BY_VECTORS(k, edges)
    {
        hg_ivec draw;
        for (int l = 0; l < HG_LANES; l++) draw[l] = (hg_int)hg_rng_half(&bits[k + l], lane);
        HG_VEC_AT(factor, k) = (hg_vec)((draw >= (hg_int)drop->threshold) & (hg_ivec)scale);
    }
}

/* m_e of every edge for the heads in lanes [lane, lane + heads) of their block. */
HG_INLINE void write_factors(const struct hg_dropout *drop, const struct hg_rng_block *bits, int edges,
                             int lane, int heads, hg_real *factor)
{
    for (int k = 0; k < edges; k++) {
        const hg_vec f = hg_dropout_factors(drop, &bits[k]);
        if (heads == HG_LANES)
            HG_VEC_AT(factor, k * HG_LANES) = f;
        else
            for (int h = 0; h < heads; h++) factor[k * heads + h] = f[lane + h];
    }
}

void HG_KERNEL(batch_drop)(const struct hg_batch *batch, const struct hg_edge_view *edges,
                           const struct hg_attention_dropout *dropout, bool row_is_source,
                           struct hg_heads heads, hg_real *factor)
{
    const int block = heads.first / HG_HEADS_PER_BLOCK, lane = heads.first % HG_HEADS_PER_BLOCK;
    struct edge_ids ids;
    struct hg_rng_block bits[HG_BATCH_EDGES + HG_LANES];
    load_edge_ids(batch, edges, row_is_source, &ids);
    HG_KERNEL(rng_bits_many)(dropout->block_rng[block], batch->edges, ids.source, ids.target, bits);
    redraw_parallel_edges(batch, edges, dropout, &ids, block, bits);
    if (heads.count == 1)
        write_factors_one_head(&dropout->drop, bits, batch->edges, lane, factor);
    else if (heads.count == HG_LANES)
        write_factors(&dropout->drop, bits, batch->edges, 0, HG_LANES, factor);
    else
        write_factors(&dropout->drop, bits, batch->edges, lane, heads.count, factor);
}
