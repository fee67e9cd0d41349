/** Edges in batches: what the forward and backward kernels of attention share.
 *
 *  Rows are taken some at a time, so that scores, exponentials and random numbers of short rows fill vectors, and what edges gather is
 *  known, and fetched into the caches, before it is needed: rows HG_AHEAD edges before, numbers per head a batch before. A batch is some
 *  whole rows, or a part of a row that has more edges than a batch takes. Nothing about a row's sums depends on what else is in its
 *  batches.
 */
#ifndef HG_KERNELS_ATTENTION_BATCH_H
#define HG_KERNELS_ATTENTION_BATCH_H

#include "kernels/exp.h"
#include "kernels/kernels.h"
#include "kernels/tile.h"

enum {
    HG_BATCH_EDGES = 128, /**< edges of a batch whose numbers stay in the first cache */
    HG_BATCH_MOST = 512,  /**< where next to nothing is kept of an edge */
    HG_BATCH_ROWS = 128,
    HG_BATCH_NUMBERS = 4096, /**< edges x lanes of a batch at most */
    HG_AHEAD = 64,           /**< edges between the fetch of a row and its sum */
    HG_NEAR = 16,            /**< the same of the way from the second cache to the first */
    HG_RESULTS_AHEAD = 8,    /**< rows between the fetch of the place of a sum and the sum */
    HG_BATCH_TAIL = HG_AHEAD + HG_LANES,
    HG_LINE = 64 / sizeof(hg_real), /**< numbers in a cache line */
};

struct hg_batch {
    int rows, edges;
    bool first_chunk, last_chunk; /**< of a row that is split into chunks; both true otherwise */
    hg_lid row[HG_BATCH_ROWS];
    int start[HG_BATCH_ROWS + 1]; /**< edges of row k are start[k]..start[k+1] of the batch */
    hg_eid place[HG_BATCH_ROWS];  /**< place of each row's first edge here in the graph's edges */
    hg_lid other[HG_BATCH_MOST + HG_BATCH_TAIL]; /**< at the other ends; then the next batch's, then any */
};

/** Where the next batch begins. */
struct hg_batches {
    const struct hg_edge_view *edges;
    const hg_lid *rows;
    int64_t count, at;
    hg_eid done;  /**< edges of rows[at] that were in batches already */
    int capacity; /**< edges of a batch at most */
    bool dropping;
};

/** Batches over the listed rows, of at most `most` edges, HG_BATCH_EDGES or HG_BATCH_MOST, of which arrays keep up to `numbers` each;
 *  `dropping`: imported ids at their edges will be asked for. Local. */
struct hg_batches HG_KERNEL(batches_begin)(const struct hg_edge_view *edges, const hg_lid *rows,
                                           int64_t count, int numbers, int most, bool dropping);

/** The next batch, without rows when there is none; `before`, unless NULL, is the one that it follows. Local. */
void HG_KERNEL(batches_next)(struct hg_batches *batches, struct hg_batch *batch, struct hg_batch *before);

/** The batch at hand and the next, whose rows are fetched meanwhile. */
struct hg_window {
    struct hg_batches batches;
    struct hg_batch batch[2];
    struct hg_batch *at, *next;
};

/** Opens the window before the first batch. Local. */
HG_INLINE void hg_window_begin(struct hg_window *window, struct hg_batches batches)
{
    window->batches = batches;
    window->at = &window->batch[0];
    window->next = &window->batch[1];
    HG_KERNEL(batches_next)(&window->batches, window->next, NULL);
}

/** Moves it on by a batch; false when there is none. Local. */
HG_INLINE bool hg_window_next(struct hg_window *window)
{
    struct hg_batch *old = window->at;
    window->at = window->next;
    window->next = old;
    if (window->at->rows == 0) return false;
    HG_KERNEL(batches_next)(&window->batches, window->next, window->at);
    return true;
}

/** m_e of every edge of a batch, at most HG_BATCH_EDGES, in lane form: factor [edges, lanes]. The rows are their edges' sources or targets. Local. */
void HG_KERNEL(batch_drop)(const struct hg_batch *batch, const struct hg_edge_view *edges,
                           const struct hg_attention_dropout *dropout, bool row_is_source,
                           struct hg_head_layout heads, hg_real *factor);

/** Loops over n numbers in whole vectors: arrays are padded, and a number's bits do not depend on its place. */
#define HG_BY_VECTORS(k, n) for (int k = 0; k < (n); k += HG_LANES)

/** The vector, the register of numbers at number k of x. */
#define HG_AT(x, k) (*(hg_vec *)((x) + (k)))
#define HG_WIDE_AT(x, k) (*(hg_wide *)((x) + (k)))

HG_INLINE hg_real hg_leaky(hg_real s, hg_real slope)
{
    return s > 0 ? s : slope * s;
}

/** The same of eight numbers: of s and slope s the larger for slopes up to 1, else the smaller. */
HG_INLINE hg_vec hg_leaky_vector(hg_vec s, hg_real slope)
{
    return slope > 1 ? -hg_max(-s, -slope * s) : hg_max(s, slope * s);
}

/** The same of a register of numbers. */
HG_INLINE hg_wide hg_leaky_wide(hg_wide s, hg_real slope)
{
    return slope > 1 ? -hg_wide_max(-s, -slope * s) : hg_wide_max(s, slope * s);
}

/** p_j + q_i in lane form. */
HG_INLINE void hg_score(const hg_real *p, const hg_real *q, struct hg_head_layout heads, hg_real *restrict s)
{
    if (hg_layout_compact(heads)) {
        HG_AT(s, 0) = hg_compact(p, heads.count) + hg_compact(q, heads.count);
    } else if (heads.count < HG_LANES) {
        HG_SIMD
        for (int h = 0; h < heads.count; h++) s[h] = p[h] + q[h];
    } else {
        for (int h = 0; h < heads.count; h += HG_LANES) {
            const int first = hg_head_block(h, heads.count);
            hg_repeat_eight(HG_AT(p, first) + HG_AT(q, first), first, heads, s);
        }
    }
}

/** The same of edges [begin, end) of a batch's row with one head, eight at a time: what is written beyond `end` belongs to rows that
 *  come later. */
HG_INLINE void hg_score_one_head(const hg_real *p, const hg_lid *other, hg_real q, int begin, int end,
                                 hg_real *s)
{
    for (int k = begin; k < end; k += HG_LANES) {
        const hg_lid *j = other + k;
        *(hg_vec *)(s + k) =
            (hg_vec){p[j[0]], p[j[1]], p[j[2]], p[j[3]], p[j[4]], p[j[5]], p[j[6]], p[j[7]]} + q;
    }
}

/** The first n numbers of v that are a row's, the other lanes of `rest`. Lanes of eight and more heads are always a row's. */
HG_INLINE hg_vec hg_row_lanes(hg_vec v, int64_t n, hg_vec rest, int lanes)
{
    return lanes < HG_LANES ? hg_first_lanes(v, n, rest) : v;
}

/** s += r_e of one edge. */
HG_INLINE void hg_add_edge_score(const struct hg_edge_view *edges, hg_eid e, struct hg_head_layout heads,
                                 hg_real *restrict s)
{
    for (int c = 0; c < edges->attr_cols; c++) {
        const hg_real x = edges->attr[e * edges->attr_cols + c];
        if (hg_layout_compact(heads)) {
            HG_AT(s, 0) += x * hg_compact(edges->attr_vector + c * heads.count, heads.count);
            continue;
        }
        for (int r = 0; r < heads.lanes; r += heads.count) {
            HG_SIMD
            for (int h = 0; h < heads.count; h++) s[r + h] += x * edges->attr_vector[c * heads.count + h];
        }
    }
}

/** The numbers of a batch's row in arrays [edges, lanes]: `count` from `begin` on. */
struct hg_batch_row {
    int begin, count;
};

HG_INLINE struct hg_batch_row hg_batch_numbers(const struct hg_batch *batch, int row,
                                               struct hg_head_layout heads)
{
    const int begin = batch->start[row] * heads.lanes;
    return (struct hg_batch_row){begin, batch->start[row + 1] * heads.lanes - begin};
}

/** Place in the graph of edge k of a batch, which is the row's. */
HG_INLINE hg_eid hg_batch_edge(const struct hg_batch *batch, int row, int k)
{
    return batch->place[row] + k - batch->start[row];
}

/** s += r_e of a row's edges. */
HG_INLINE void hg_add_edge_scores(const struct hg_edge_view *edges, const struct hg_batch *batch, int row,
                                  struct hg_head_layout heads, hg_real *s)
{
    for (int k = batch->start[row]; k < batch->start[row + 1]; k++)
        hg_add_edge_score(edges, hg_batch_edge(batch, row, k), heads, s + k * heads.lanes);
}

/** Fetches `count` numbers that will be read soon, into the second cache: more misses can be under way there than in the first, and
 *  rows far away in memory wait for nothing else. */
HG_INLINE void hg_prefetch(const hg_real *x, int count)
{
    for (int k = 0; k < count; k += HG_LINE) __builtin_prefetch(x + k, 0, 2);
}

/** The row of a batch whose results will be written HG_RESULTS_AHEAD rows after those of row r; the last ones' are their own. */
HG_INLINE hg_lid hg_batch_row_ahead(const struct hg_batch *batch, int r)
{
    const int ahead = r + HG_RESULTS_AHEAD;
    return batch->row[ahead < batch->rows ? ahead : r];
}

/** Fetches `count` numbers that will be written soon: a store waits for what is in memory around it. */
HG_INLINE void hg_prefetch_result(const hg_real *x, int64_t count)
{
    for (int64_t k = 0; k < count; k += HG_LINE) __builtin_prefetch(x + k, 1, 3);
}

/** Fetches rows that come soon, and came into the second cache some time ago, into the first. Only narrow ones: wide ones come by
 *  themselves, and would drive each other out. */
HG_INLINE void hg_prefetch_near(const hg_real *x, int count)
{
    if (count > 8 * HG_LINE) return;
    for (int k = 0; k < count; k += HG_LINE) __builtin_prefetch(x + k, 0, 3);
}

#endif
