/** Batches of edges, which the forward and backward kernels of attention share.
 *
 *  A batch is several whole rows, or one chunk of a row that has more edges than fit into a batch. Batches
 *  serve two purposes. Scores, exponentials and random numbers of short rows fill whole vectors. And neighbours
 *  are known before they are needed, so that their numbers can be prefetched: rows of Z and G
 *  HG_PREFETCH_L2_EDGES edges before their use, numbers per head one batch before. The bits of a row do not
 *  depend on the other rows of its batch.
 */
#ifndef HG_KERNELS_ATTENTION_BATCH_H
#define HG_KERNELS_ATTENTION_BATCH_H

#include "kernels/exp.h"
#include "kernels/kernels.h"
#include "kernels/tile.h"

enum {
    HG_BATCH_EDGES = 128,        /**< edges per batch, so that its scratch arrays stay in the L1 cache */
    HG_BATCH_MAX_EDGES = 512,    /**< the same where scratch has few numbers per edge */
    HG_BATCH_ROWS = 128,         /**< rows per batch */
    HG_BATCH_NUMBERS = 4096,     /**< upper limit of a batch's edges x numbers per edge */
    HG_PREFETCH_L2_EDGES = 64,   /**< edges between the prefetch of a row into the L2 cache and its use */
    HG_PREFETCH_L1_EDGES = 16,   /**< edges between the prefetch of a row into the L1 cache and its use */
    HG_PREFETCH_RESULT_ROWS = 8, /**< rows between the prefetch of a result's memory and its use */
    HG_BATCH_TAIL = HG_PREFETCH_L2_EDGES + HG_LANES, /**< edges that may be read beyond the end of a batch */
    HG_CACHE_LINE = 64 / sizeof(hg_real),            /**< numbers in a cache line */
};

/** A batch: edge k of it belongs to the row r with start[r] <= k < start[r + 1]. */
struct hg_batch {
    int rows, edges;
    /** Whether a chunk of a row is the row's first, its last. Both are true for a batch of whole rows. */
    bool first_chunk, last_chunk;
    hg_lid row[HG_BATCH_ROWS];        /**< local rows */
    int start[HG_BATCH_ROWS + 1];     /**< prefix sums of the rows' edges in this batch */
    hg_eid first_edge[HG_BATCH_ROWS]; /**< index in the graph of each row's first edge in this batch */
    /** Local row of each edge's neighbour. HG_BATCH_TAIL more follow, those of the next batch and then any
     *  valid row, so that prefetches, and loops over eight edges at a time, may read beyond the end. */
    hg_lid neighbour[HG_BATCH_MAX_EDGES + HG_BATCH_TAIL];
};

/** An iterator over batches. */
struct hg_batches {
    const struct hg_edge_view *edges;
    const hg_lid *rows;      /**< [count] the rows to go through */
    int64_t count, position; /**< `position`: index in `rows` of the next row */
    hg_eid edges_done;       /**< edges of rows[position] that were in earlier batches (a row in chunks) */
    int capacity;            /**< edges of a batch at most */
    bool dropping;           /**< prefetch the neighbours' imported ids, which dropout needs */
};

/** Begins to iterate over the listed rows. A batch has at most `max_edges` edges (HG_BATCH_EDGES or
 *  HG_BATCH_MAX_EDGES), and fewer where `numbers_per_edge` numbers per edge would exceed HG_BATCH_NUMBERS.
 *  Local. */
struct hg_batches HG_KERNEL(batches_begin)(const struct hg_edge_view *edges, const hg_lid *rows,
                                           int64_t count, int numbers_per_edge, int max_edges, bool dropping);

/** Fills `batch` with the next batch; it has no rows if there is none. `previous` (may be NULL) is the previous
 *  batch, whose tail gets this batch's neighbours. Local. */
void HG_KERNEL(batches_next)(struct hg_batches *batches, struct hg_batch *batch, struct hg_batch *previous);

/** The current batch and the next one, which is prefetched meanwhile. */
struct hg_window {
    struct hg_batches batches;
    struct hg_batch batch[2];
    struct hg_batch *current, *next;
};

/** Sets the window before the first batch. Local. */
HG_INLINE void hg_window_begin(struct hg_window *window, struct hg_batches batches)
{
    window->batches = batches;
    window->current = &window->batch[0];
    window->next = &window->batch[1];
    HG_KERNEL(batches_next)(&window->batches, window->next, NULL);
}

/** Moves the window to the next batch. Returns false if there is none. Local. */
HG_INLINE bool hg_window_next(struct hg_window *window)
{
    struct hg_batch *old = window->current;
    window->current = window->next;
    window->next = old;
    if (window->current->rows == 0) return false;
    HG_KERNEL(batches_next)(&window->batches, window->next, window->current);
    return true;
}

/** m_e of every edge of a batch of at most HG_BATCH_EDGES edges, for a group of K heads: factor [edges, K].
 *  `row_is_source`: rows are the sources of their edges, else the targets. Local. */
void HG_KERNEL(batch_drop)(const struct hg_batch *batch, const struct hg_edge_view *edges,
                           const struct hg_attention_dropout *dropout, bool row_is_source,
                           struct hg_heads heads, hg_real *factor);

/** Loops over n numbers, a whole vector at a time. Arrays are padded to whole vectors; the bits of a number do
 *  not depend on its lane. */
#define HG_BY_VECTORS(k, n) for (int k = 0; k < (n); k += HG_LANES)

/** The vector, or wide vector, at x + k. */
#define HG_VEC_AT(x, k) (*(hg_vec *)((x) + (k)))
#define HG_WIDE_AT(x, k) (*(hg_wide *)((x) + (k)))

/** LeakyReLU(s) */
HG_INLINE hg_real hg_leaky(hg_real s, hg_real slope)
{
    return s > 0 ? s : slope * s;
}

/** The same for a vector: the larger of s and slope s for slopes up to 1, else the smaller. */
HG_INLINE hg_vec hg_leaky_vector(hg_vec s, hg_real slope)
{
    return slope > 1 ? -hg_max(-s, -slope * s) : hg_max(s, slope * s);
}

/** The same for a wide vector. */
HG_INLINE hg_wide hg_leaky_wide(hg_wide s, hg_real slope)
{
    return slope > 1 ? -hg_wide_max(-s, -slope * s) : hg_wide_max(s, slope * s);
}

/** s = p_j + q_i of K heads. */
HG_INLINE void hg_edge_score(const hg_real *p, const hg_real *q, int heads, hg_real *restrict s)
{
    if (heads == HG_LANES) {
        HG_VEC_AT(s, 0) = HG_VEC_AT(p, 0) + HG_VEC_AT(q, 0);
        return;
    }
    HG_SIMD
    for (int h = 0; h < heads; h++) s[h] = p[h] + q[h];
}

/** The same for edges [begin, end) of a batch's row and one head, eight edges at a time. It may write beyond
 *  `end`: those scores belong to later rows, which are computed after this one. */
HG_INLINE void hg_edge_scores_one_head(const hg_real *p, const hg_lid *neighbour, hg_real q, int begin,
                                       int end, hg_real *s)
{
    for (int k = begin; k < end; k += HG_LANES) {
        const hg_lid *j = neighbour + k;
        *(hg_vec *)(s + k) =
            (hg_vec){p[j[0]], p[j[1]], p[j[2]], p[j[3]], p[j[4]], p[j[5]], p[j[6]], p[j[7]]} + q;
    }
}

/** The first n lanes of v, and `rest` in the others. With fewer than eight heads, a vector at the end of a row may
 *  contain numbers of the next row, which are masked this way. With eight it cannot. */
HG_INLINE hg_vec hg_row_lanes(hg_vec v, int64_t n, hg_vec rest, int heads)
{
    return heads < HG_LANES ? hg_first_lanes(v, n, rest) : v;
}

/** s += r_e of one edge. */
HG_INLINE void hg_add_feature_score(const struct hg_edge_view *edges, hg_eid e, int heads,
                                    hg_real *restrict s)
{
    for (int c = 0; c < edges->attr_cols; c++) {
        const hg_real x = edges->attr[e * edges->attr_cols + c];
        HG_SIMD
        for (int h = 0; h < heads; h++) s[h] += x * edges->attr_vector[c * heads + h];
    }
}

/** The interval of a batch's row in arrays [edges, K]: `count` numbers from `begin` on. */
struct hg_row_numbers {
    int begin, count;
};

HG_INLINE struct hg_row_numbers hg_batch_row_numbers(const struct hg_batch *batch, int row, int heads)
{
    const int begin = batch->start[row] * heads;
    return (struct hg_row_numbers){begin, batch->start[row + 1] * heads - begin};
}

/** Index in the graph of edge k of a batch, which belongs to row `row` of the batch. */
HG_INLINE hg_eid hg_batch_edge(const struct hg_batch *batch, int row, int k)
{
    return batch->first_edge[row] + k - batch->start[row];
}

/** s += r_e for the edges of a batch's row. */
HG_INLINE void hg_add_feature_scores(const struct hg_edge_view *edges, const struct hg_batch *batch, int row,
                                     int heads, hg_real *s)
{
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++)
        hg_add_feature_score(edges, hg_batch_edge(batch, row, k), heads, s + k * heads);
}

/** Vectors of a row of a group. */
HG_INLINE int hg_group_vectors(struct hg_heads heads)
{
    return (int)(hg_row_stride((int64_t)heads.count * heads.width) / HG_LANES);
}

/** Prefetches `count` numbers into the L2 cache. It has room for more outstanding misses than the L1 cache, so
 *  more rows can be on their way from memory at the same time. */
HG_INLINE void hg_prefetch_l2(const hg_real *x, int count)
{
    for (int k = 0; k < count; k += HG_CACHE_LINE) __builtin_prefetch(x + k, 0, 2);
}

/** The row of a batch that comes HG_PREFETCH_RESULT_ROWS rows after row r; near the end of the batch, row r
 *  itself. */
HG_INLINE hg_lid hg_batch_later_row(const struct hg_batch *batch, int r)
{
    const int ahead = r + HG_PREFETCH_RESULT_ROWS;
    return batch->row[ahead < batch->rows ? ahead : r];
}

/** Prefetches `count` numbers that will be written: a store needs the cache line that it writes into. */
HG_INLINE void hg_prefetch_result(const hg_real *x, int64_t count)
{
    for (int64_t k = 0; k < count; k += HG_CACHE_LINE) __builtin_prefetch(x + k, 1, 3);
}

/** Prefetches `count` numbers of a row into the L1 cache, shortly before their use; hg_prefetch_l2 brought them
 *  into L2. Does nothing for wide rows: the hardware prefetches those by itself, and they would evict each
 *  other from L1. */
HG_INLINE void hg_prefetch_l1(const hg_real *x, int count)
{
    if (count > 8 * HG_CACHE_LINE) return;
    for (int k = 0; k < count; k += HG_CACHE_LINE) __builtin_prefetch(x + k, 0, 3);
}

#endif
