#include "base/rng.h"

#include <math.h>

double hg_rng_normal(struct hg_rng rng, uint64_t a, uint64_t b)
{
    const struct hg_rng_block block = hg_rng_bits(rng, a, b);
    const double u = ((double)block.word[0] + 1) * 0x1p-32, v = (double)block.word[1] * 0x1p-32;
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}
