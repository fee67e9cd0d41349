#include "kernels/kernels.h"

enum { BLOCKS_AT_ONCE = 16 };

/* The random blocks of values [first, first + 8 * blocks) of a node. */
static inline void draw_blocks(uint64_t id, int64_t first, int blocks, const struct hg_dropout *drop,
                               struct hg_rng_block bits[BLOCKS_AT_ONCE])
{
    uint64_t ids[BLOCKS_AT_ONCE], block_ids[BLOCKS_AT_ONCE];
    for (int k = 0; k < BLOCKS_AT_ONCE; k++) {
        ids[k] = id;
        block_ids[k] = (uint64_t)(first >> 3) + (uint64_t)k;
    }
    HG_KERNEL(rng_bits_many)(drop->rng, blocks, ids, block_ids, bits);
}

void HG_KERNEL(drop_values)(const hg_real *x, int64_t n, hg_gid id, const struct hg_dropout *drop,
                            hg_real *out, hg_real *also)
{
    struct hg_rng_block bits[BLOCKS_AT_ONCE];
    for (int64_t first = 0; first < n; first += 8 * BLOCKS_AT_ONCE) {
        const int64_t end = hg_min_i64(first + 8 * BLOCKS_AT_ONCE, n);
        draw_blocks((uint64_t)id, first, (int)((end - first + 7) / 8), drop, bits);
        for (int64_t f = first; f < end; f += 8) {
            const struct hg_rng_block *block = &bits[(f - first) >> 3];
            const int lanes = (int)hg_min_i64(8, end - f);
            hg_dropout_apply(drop, block, lanes, x + f, out + f);
            if (also != NULL) hg_dropout_apply(drop, block, lanes, also + f, also + f);
        }
    }
}

void HG_KERNEL(drop_rows)(struct hg_mat x, const hg_gid *imported, const struct hg_dropout *drop,
                          hg_real *out, hg_real *also)
{
    for (int64_t i = 0; i < x.rows; i++) {
        const int64_t at = i * x.cols;
        HG_KERNEL(drop_values)
        (x.data + at, x.cols, imported[i], drop, out + at, also != NULL ? also + at : NULL);
    }
}
