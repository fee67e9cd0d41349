/** Edges in batches: what the forward and backward kernels of attention share.
 *
 *  Rows are taken some at a time, so that the scores, the exponentials and the random numbers of short rows fill vectors, and while one
 *  batch is summed the rows at the other ends of the next one are fetched into the caches. A batch is some whole rows, or a part of
 *  a row that has more edges than a batch takes. Nothing about a row's sums depends on what else is in its batches.
 */
#ifndef HG_KERNELS_ATTENTION_BATCH_H
#define HG_KERNELS_ATTENTION_BATCH_H

#include "kernels/exp.h"
#include "kernels/lanes.h"

enum {
    HG_BATCH_EDGES = 128,
    HG_BATCH_ROWS = 128,
    HG_BATCH_NUMBERS = 4096,        /**< edges x lanes of a batch at most */
    HG_BATCH_BYTES = 32 * 1024,     /**< of gathered rows: about what the nearest cache holds */
    HG_BATCH_LEAST = 8,             /**< edges, however wide the rows */
    HG_LINE = 64 / sizeof(hg_real), /**< numbers in a cache line */
#ifdef __AVX512VL__
    HG_TILE = 8, /**< vectors of a row that are summed in registers at once */
#else
    HG_TILE = 4,
#endif
};

struct hg_batch {
    int rows, edges;
    bool opens, closes; /**< it begins, ends with whole rows: both unless it is a part of a row */
    hg_lid row[HG_BATCH_ROWS];
    int start[HG_BATCH_ROWS + 1]; /**< edges of row k are start[k]..start[k+1] of the batch */
    hg_eid place[HG_BATCH_ROWS];  /**< place of each row's first edge here in the graph's edges */
    hg_lid other[HG_BATCH_EDGES]; /**< rows at the other ends; beyond `edges` some row */
};

/** Where the next batch begins. */
struct hg_batches {
    const struct hg_edge_view *edges;
    const hg_lid *rows;
    int64_t count, at;
    hg_eid done; /**< edges of rows[at] that were in batches already */
    int capacity;
};

/** Batches over the listed rows; `gathered`: numbers in a row at the other end. Local. */
struct hg_batches hg_batches_begin(const struct hg_edge_view *edges, const hg_lid *rows, int64_t count,
                                   int lanes, int64_t gathered);

/** The next batch; without rows when there is none. Local. */
void hg_batches_next(struct hg_batches *batches, struct hg_batch *batch);

/** m_e of every edge of a batch in lane form: factor [edges, lanes]. The rows are their edges' sources or targets. Local. */
void hg_batch_drop(const struct hg_batch *batch, const struct hg_edge_view *edges,
                   const struct hg_attention_dropout *dropout, bool row_is_source, int heads, int lanes,
                   hg_real *factor);

HG_INLINE hg_real hg_leaky(hg_real s, hg_real slope)
{
    return s > 0 ? s : slope * s;
}

/** s_e = p_j + q_i (+ r_e), in lane form. */
HG_INLINE void hg_edge_score(const struct hg_edge_view *edges, hg_eid e, const hg_real *p, const hg_real *q,
                             int heads, int lanes, hg_real *restrict s)
{
    HG_SIMD
    for (int h = 0; h < heads; h++) s[h] = p[h] + q[h];
    for (int c = 0; edges->attr != NULL && c < edges->attr_cols; c++) {
        const hg_real x = edges->attr[e * edges->attr_cols + c];
        HG_SIMD
        for (int h = 0; h < heads; h++) s[h] += x * edges->attr_vector[c * heads + h];
    }
    for (int c = heads; c < lanes; c++) s[c] = s[c - heads];
}

/** Fetches `count` numbers that will be read soon. */
HG_INLINE void hg_prefetch(const hg_real *x, int count)
{
    for (int k = 0; k < count; k += HG_LINE) __builtin_prefetch(x + k);
}

/** Calls TILE with the number of vectors left of a row, fewer than HG_TILE, as a constant. */
#define HG_LAST_TILE(TILE, LEFT)                                                                             \
    do {                                                                                                     \
        const int hg_left = (LEFT);                                                                          \
        if (hg_left == 1)                                                                                    \
            TILE(1);                                                                                         \
        else if (hg_left == 2)                                                                               \
            TILE(2);                                                                                         \
        else if (hg_left == 3)                                                                               \
            TILE(3);                                                                                         \
        else if (HG_TILE > 4 && hg_left == 4)                                                                \
            TILE(4);                                                                                         \
        else if (HG_TILE > 5 && hg_left == 5)                                                                \
            TILE(5);                                                                                         \
        else if (HG_TILE > 6 && hg_left == 6)                                                                \
            TILE(6);                                                                                         \
        else if (HG_TILE > 7 && hg_left == 7)                                                                \
            TILE(7);                                                                                         \
    } while (0)

/** Loops over n numbers in whole vectors: arrays are padded, and a number's bits do not depend on its place. */
#define HG_BY_VECTORS(k, n)                                                                                  \
    for (int hg_v = 0; hg_v < (n); hg_v += HG_LANES) HG_SIMD for (int k = hg_v; k < hg_v + HG_LANES; k++)

#endif
