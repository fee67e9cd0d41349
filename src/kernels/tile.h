/** Tiles: up to HG_TILE vectors of a row, held in registers. A tile of a row's sum stays in registers while the
 *  tiles of all neighbours are multiplied by weights and added to it.
 *
 *  `size` is the number of vectors of eight in a tile. It is a constant wherever these functions are inlined.
 *  Where registers hold sixteen numbers, vectors are processed in pairs, and the last of an odd number alone:
 *  the same products and sums in half the instructions. Weights are tiles too: one number for each number of
 *  the row's tile.
 */
#ifndef HG_KERNELS_TILE_H
#define HG_KERNELS_TILE_H

#include "kernels/halo_vectors.h"

enum { HG_TILE = 4 * HG_WIDE };

/** A tile: `size` vectors, in wide vectors as far as possible. */
struct hg_tile {
    hg_wide wide[HG_TILE / HG_WIDE];
    hg_vec last; /**< the last vector where `wide` holds pairs and their number is odd */
};

/** Unrolls the loop that follows, so that a tile's vectors stay in registers. */
#define HG_UNROLL _Pragma("GCC unroll 8")

/** Whether a vector remains that has no partner for a wide vector. */
HG_INLINE bool hg_tile_odd(int size)
{
    return size % HG_WIDE != 0;
}

/** A tile of zeros. */
HG_INLINE struct hg_tile hg_tile_zero(void)
{
    return (struct hg_tile){{{0}}, {0}};
}

/** Loads a tile of hg_real numbers from x. */
HG_INLINE struct hg_tile hg_tile_load(const hg_real *x, int size)
{
    struct hg_tile tile = hg_tile_zero();
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) tile.wide[t] = *(const hg_wide *)(x + t * HG_WIDE_LANES);
    if (hg_tile_odd(size)) tile.last = *(const hg_vec *)(x + (size - 1) * HG_LANES);
    return tile;
}

/** Loads the first vectors of a row in the halo dtype. `row` may also point to an even vector of a row. */
HG_INLINE struct hg_tile hg_tile_load_row(const hg_real *row, int size)
{
    struct hg_tile tile = hg_tile_zero();
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) tile.wide[t] = hg_row_load_wide(row, t * HG_WIDE);
    if (hg_tile_odd(size)) tile.last = hg_row_load(row, size - 1);
    return tile;
}

/** Writes a tile to x. */
HG_INLINE void hg_tile_store(hg_real *x, struct hg_tile tile, int size)
{
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) *(hg_wide *)(x + t * HG_WIDE_LANES) = tile.wide[t];
    if (hg_tile_odd(size)) *(hg_vec *)(x + (size - 1) * HG_LANES) = tile.last;
}

/** Sets vector t of a tile to a and, where vectors are in pairs, vector t + 1 to b; t is even then. */
HG_INLINE void hg_tile_set(struct hg_tile *tile, int t, int size, hg_vec a, hg_vec b)
{
    if (hg_tile_odd(size) && t == size - 1)
        tile->last = a;
    else
        tile->wide[t / HG_WIDE] = hg_wide_of(a, b);
}

/** A tile in which every vector is v. */
HG_INLINE struct hg_tile hg_tile_repeat(hg_vec v, int size)
{
    struct hg_tile tile = hg_tile_zero();
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) tile.wide[t] = hg_wide_of(v, v);
    tile.last = v;
    return tile;
}

/** A tile in which every number is x. */
HG_INLINE struct hg_tile hg_tile_fill(hg_real x, int size)
{
    struct hg_tile tile = hg_tile_zero();
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) tile.wide[t] = hg_wide_fill(x);
    tile.last = hg_fill(x);
    return tile;
}

/** The tile of weights from one number per head, [heads]. */
HG_INLINE struct hg_tile hg_tile_weights(const hg_real *w, int heads, int size)
{
    return heads == 1 ? hg_tile_fill(w[0], size) : hg_tile_repeat(hg_repeat_heads(w, heads), size);
}

/** a b, element by element. */
HG_INLINE struct hg_tile hg_tile_product(struct hg_tile a, struct hg_tile b, int size)
{
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) a.wide[t] *= b.wide[t];
    if (hg_tile_odd(size)) a.last *= b.last;
    return a;
}

/** sum + a b, element by element. */
HG_INLINE struct hg_tile hg_tile_multiply_add(struct hg_tile sum, struct hg_tile a, struct hg_tile b,
                                              int size)
{
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) sum.wide[t] += a.wide[t] * b.wide[t];
    if (hg_tile_odd(size)) sum.last += a.last * b.last;
    return sum;
}

/** sum + the sum of the vectors of a b: one lane for each lane of the vectors. */
HG_INLINE hg_vec hg_tile_dot(hg_vec sum, struct hg_tile a, struct hg_tile b, int size)
{
    hg_wide wide = hg_wide_of(sum, (hg_vec){0});
    HG_UNROLL
    for (int t = 0; t < size / HG_WIDE; t++) wide += a.wide[t] * b.wide[t];
    sum = hg_wide_part(wide, 0);
    if (HG_WIDE > 1) sum += hg_wide_part(wide, 1);
    if (hg_tile_odd(size)) sum += a.last * b.last;
    return sum;
}

/** Calls TILE(LEFT) with LEFT, the number of remaining vectors of a row, at most HG_TILE, as a constant. */
#define HG_LAST_TILE(TILE, LEFT)                                                                             \
    do {                                                                                                     \
        const int hg_left = (LEFT);                                                                          \
        if (hg_left == 1)                                                                                    \
            TILE(1);                                                                                         \
        else if (hg_left == 2)                                                                               \
            TILE(2);                                                                                         \
        else if (hg_left == 3)                                                                               \
            TILE(3);                                                                                         \
        else if (hg_left == 4)                                                                               \
            TILE(4);                                                                                         \
        else if (HG_TILE > 4 && hg_left == 5)                                                                \
            TILE(5);                                                                                         \
        else if (HG_TILE > 4 && hg_left == 6)                                                                \
            TILE(6);                                                                                         \
        else if (HG_TILE > 4 && hg_left == 7)                                                                \
            TILE(7);                                                                                         \
        else if (HG_TILE > 4 && hg_left == 8)                                                                \
            TILE(8);                                                                                         \
    } while (0)

#endif
