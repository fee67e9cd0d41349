#include "base/permutation.h"
#include "base/rng.h"
#include "generate/generate_kinds.h"
#include "generate/generate_pairs.h"
#include "generate/generate_streams.h"
#include <math.h>

/* a, a + b, a + b + c of .57 .19 .19 .05, times 2^16 */
static const uint32_t quadrant_end[3] = {37356, 49807, 62259};

struct rmat {
    hg_gid nodes;
    int bits; /* the smallest number with nodes <= 2^bits */
    struct hg_rng pair;
    struct hg_permutation ids;
};

/* Chooses a quadrant of the adjacency matrix `bits` times; the draw is void when it ends outside the nodes or on the
 * diagonal. */
static bool draw_rmat(const void *context, uint64_t t, hg_gid pair[2])
{
    const struct rmat *rmat = context;
    struct hg_rng_block block = {{0}};
    hg_gid row = 0, col = 0;
    for (int level = 0; level < rmat->bits; level++) {
        if (level % 8 == 0) block = hg_rng_bits(rmat->pair, t, (uint64_t)level / 8);
        const uint32_t draw = hg_rng_half(&block, level % 8);
        row = 2 * row + (draw >= quadrant_end[1]);
        col = 2 * col + ((draw >= quadrant_end[0] && draw < quadrant_end[1]) || draw >= quadrant_end[2]);
    }
    if (row >= rmat->nodes || col >= rmat->nodes || row == col) return false;
    pair[0] = hg_permutation_at(&rmat->ids, row);
    pair[1] = hg_permutation_at(&rmat->ids, col);
    return true;
}

/* Expected number of distinct pairs after `draws` draws, if there were 2^bits nodes. Matrix entries that are reached
 * by `a` choices of the first quadrant, `d` of the last and `off` of the others are equally likely. Their number is a
 * multinomial coefficient times 2^off, and half of that is the number of pairs; entries with off = 0 are self-loops.
 */
static double expected_pairs(int bits, double draws)
{
    double expected = 0;
    for (int a = 0; a < bits; a++)
        for (int d = 0; a + d < bits; d++) {
            const int off = bits - a - d;
            const double cells = lgamma(bits + 1.0) - lgamma(a + 1.0) - lgamma(d + 1.0) - lgamma(off + 1.0);
            const double chance = 2 * pow(0.57, a) * pow(0.05, d) * pow(0.19, off);
            expected += hg_generate_expected(exp(cells) * pow(2, off - 1), chance, draws);
        }
    return expected;
}

hg_status hg_generate_rmat_edges(const struct hg_comm *comm, const struct hg_generate_options *options,
                                 struct hg_node_table *rows)
{
    struct rmat rmat = {.nodes = options->nodes,
                        .pair = hg_rng_stream(options->seed, HG_RNG_GENERATE, 0, HG_STREAM_PAIR)};
    while (((hg_gid)1 << rmat.bits) < options->nodes) rmat.bits++;
    rmat.ids = (struct hg_permutation){
        .rng = hg_rng_stream(options->seed, HG_RNG_GENERATE, 0, HG_STREAM_PERMUTE),
        .n = options->nodes,
        .bits = rmat.bits,
        .rounds = 4,
        .round_first = true,
    };
    const int64_t pairs = options->edges / 2;
    /* an upper bound: where it is too small, no draw needs to be made */
    if (expected_pairs(rmat.bits, hg_generate_max_draws(pairs)) < 0.995 * (double)pairs)
        return hg_generate_too_dense(&rows->info, pairs);
    const struct hg_pair_source source = {draw_rmat, &rmat, options->seed};
    return hg_generate_pairs(comm, &source, pairs, rows);
}

int32_t hg_generate_uniform_class(const struct hg_generate_options *options, hg_gid node)
{
    const struct hg_rng rng = hg_rng_stream(options->seed, HG_RNG_GENERATE, 0, HG_STREAM_LABEL);
    return (int32_t)hg_generate_below(options->classes, hg_rng_bits(rng, (uint64_t)node, 0).word[0]);
}
