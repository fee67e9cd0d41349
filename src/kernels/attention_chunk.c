#include "kernels/attention_chunk.h"

/* Which of its parallel copies edge e is: copies are neighbours in the row. */
static uint64_t copy_ordinal(const struct hg_chunk *chunk, hg_eid e)
{
    const hg_eid first = chunk->edges->indptr[chunk->row];
    uint64_t ordinal = 0;
    while (e > first && chunk->edges->indices[e] == chunk->edges->indices[e - 1]) e--, ordinal++;
    return ordinal;
}

/* The random blocks of `block` of heads for all edges of a chunk: later copies of an edge have streams of their own. */
static void draw(const struct hg_chunk *chunk, const struct hg_attention_dropout *dropout, bool row_is_source,
                 int block, struct hg_rng_block *bits)
{
    uint64_t row[HG_ATTENTION_CHUNK], other[HG_ATTENTION_CHUNK];
    const uint64_t *source = row_is_source ? row : other, *target = row_is_source ? other : row;
    const int n = (int)(chunk->end - chunk->begin);
    for (int k = 0; k < n; k++) {
        row[k] = (uint64_t)chunk->edges->imported[chunk->row];
        other[k] = (uint64_t)chunk->edges->imported[chunk->edges->indices[chunk->begin + k]];
    }
    HG_KERNEL(rng_bits_many)(dropout->block_rng[block], n, source, target, bits);
    const hg_lid *indices = chunk->edges->indices + chunk->begin;
    for (int k = 0; k < n; k++) {
        const bool may_be_copy = k > 0 ? indices[k] == indices[k - 1] : true;
        const uint64_t ordinal = may_be_copy ? copy_ordinal(chunk, chunk->begin + k) : 0;
        if (ordinal > 0)
            bits[k] =
                hg_rng_bits(hg_rng_fold(dropout->drop.rng, (uint64_t)block, ordinal), source[k], target[k]);
    }
}

void HG_KERNEL(chunk_drop)(const struct hg_chunk *chunk, const struct hg_attention_dropout *dropout,
                           bool row_is_source, int heads, hg_real *weight)
{
    struct hg_rng_block bits[HG_ATTENTION_CHUNK];
    for (int first = 0; first < heads; first += HG_HEADS_PER_BLOCK) {
        const int n = heads - first < HG_HEADS_PER_BLOCK ? heads - first : HG_HEADS_PER_BLOCK;
        draw(chunk, dropout, row_is_source, first / HG_HEADS_PER_BLOCK, bits);
        for (hg_eid e = 0; e < chunk->end - chunk->begin; e++) {
            hg_real *w = weight + e * heads + first;
            hg_dropout_apply(&dropout->drop, &bits[e], n, w, w);
        }
    }
}
