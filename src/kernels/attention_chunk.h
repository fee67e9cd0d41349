/** What the forward and backward kernels of attention share: a row's edges are taken in chunks, whose scores and weights are made in
 *  scratch [chunk, K] by loops over heads that compilers turn into vectors, before the rows at the other ends are gathered once.
 *
 *  Functions are inlined into copies for common head counts and widths, called with constants.
 */
#ifndef HG_KERNELS_ATTENTION_CHUNK_H
#define HG_KERNELS_ATTENTION_CHUNK_H

#include "base/simd.h"
#include "kernels/attention.h"
#include "kernels/exp.h"
#include "kernels/kernels.h"

#define HG_INLINE static inline __attribute__((always_inline))

enum {
    HG_TILE = 4, /**< vectors of a row that are summed in registers at once */
};

/** Edges [begin, end) of `row`, not more than HG_ATTENTION_CHUNK. */
struct hg_chunk {
    const struct hg_edge_view *edges;
    hg_lid row;
    hg_eid begin, end;
};

HG_INLINE hg_real hg_leaky(hg_real s, hg_real slope)
{
    return s > 0 ? s : slope * s;
}

/** Calls FN(args, heads, width, ...) with constants for the shapes that are worth a copy of their own. */
#define HG_BY_SHAPE(FN, SHAPE, ...)                                                                          \
    do {                                                                                                     \
        const int hg_k = (SHAPE).count, hg_w = (SHAPE).width;                                                \
        if (hg_k == 8 && hg_w == 8)                                                                          \
            FN(__VA_ARGS__, 8, 8);                                                                           \
        else if (hg_k == 8)                                                                                  \
            FN(__VA_ARGS__, 8, hg_w);                                                                        \
        else if (hg_k == 4)                                                                                  \
            FN(__VA_ARGS__, 4, hg_w);                                                                        \
        else if (hg_k == 1)                                                                                  \
            FN(__VA_ARGS__, 1, hg_w);                                                                        \
        else                                                                                                 \
            FN(__VA_ARGS__, hg_k, hg_w);                                                                     \
    } while (0)

/** s += r_e = x_e U, the K scores of edge e. */
HG_INLINE void hg_chunk_edge_scores(const struct hg_edge_view *edges, hg_eid e, int heads, hg_real *s)
{
    const hg_real *x = edges->attr + e * edges->attr_cols;
    for (int c = 0; c < edges->attr_cols; c++) {
        HG_SIMD
        for (int h = 0; h < heads; h++) s[h] += x[c] * edges->attr_vector[c * heads + h];
    }
}

/** weight[e, h] *= m_e for the edges of a chunk; the row is their source or their target. Local. */
void HG_KERNEL(chunk_drop)(const struct hg_chunk *chunk, const struct hg_attention_dropout *dropout,
                           bool row_is_source, int heads, hg_real *weight);

#endif
