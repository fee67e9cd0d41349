#include "base/rng.h"
#include "generate/generate_kinds.h"
#include "generate/generate_pairs.h"
#include "generate/generate_streams.h"
#include <math.h>

/* Share of the edges that are drawn inside a community, times 2^32; the other edges join any two nodes. */
static const uint32_t inside = 3435973837u; /* 0.8 */

struct sbm {
    hg_gid nodes;
    int64_t communities;
    struct hg_rng pair;
};

/* The community of node i is i mod C, so the members of community c are c, c + C, c + 2 C, ... */
static bool draw_sbm(const void *context, uint64_t t, hg_gid pair[2])
{
    const struct sbm *sbm = context;
    const struct hg_rng_block bits = hg_rng_bits(sbm->pair, t, 0);
    const hg_gid i = hg_generate_below(sbm->nodes, bits.word[0]), c = i % sbm->communities;
    const int64_t members = (sbm->nodes - c + sbm->communities - 1) / sbm->communities;
    pair[0] = i;
    pair[1] = bits.word[1] < inside ? c + sbm->communities * hg_generate_below(members, bits.word[2])
                                    : hg_generate_below(sbm->nodes, bits.word[2]);
    return pair[0] != pair[1];
}

/* Expected number of distinct pairs after `draws` draws, with communities of equal size. */
static double expected_pairs(double nodes, double communities, double draws)
{
    const double members = nodes / communities, share = inside / 0x1p32;
    const double any = 2 * (1 - share) / (nodes * nodes), within = any + 2 * share / (nodes * members);
    return hg_generate_expected(nodes * fmax(members - 1, 0) / 2, within, draws) +
           hg_generate_expected(nodes * (nodes - members) / 2, any, draws);
}

hg_status hg_generate_sbm_edges(const struct hg_comm *comm, const struct hg_generate_options *options,
                                struct hg_node_table *rows)
{
    const struct sbm sbm = {options->nodes, hg_max_i64(options->classes, 1),
                            hg_rng_stream(options->seed, HG_RNG_GENERATE, 0, HG_STREAM_PAIR)};
    const int64_t pairs = options->edges / 2;
    const double max_draws = hg_generate_max_draws(pairs);
    if (expected_pairs((double)sbm.nodes, (double)sbm.communities, max_draws) < 0.995 * (double)pairs)
        return hg_generate_too_dense(&rows->info, pairs);
    const struct hg_pair_source source = {draw_sbm, &sbm, options->seed};
    return hg_generate_pairs(comm, &source, pairs, rows);
}

int32_t hg_generate_sbm_class(const struct hg_generate_options *options, hg_gid node)
{
    return (int32_t)(node % options->classes);
}
