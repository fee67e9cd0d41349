#include "base/exactsum.h"

#include "base/mem.h"
#include <assert.h>

static_assert(HG_EXACT_ADDENDS <= INT64_MAX >> (HG_LIMB_BITS - 1),
              "so many limbs of at most 2^42 do not overflow");

hg_status hg_exact_create(struct hg_exact *sum, int64_t n, int limbs)
{
    *sum = (struct hg_exact){.n = n, .limbs = limbs};
    return HG_NEW(sum->limb, limbs * n + 1);
}

void hg_exact_destroy(struct hg_exact *sum)
{
    HG_FREE(sum->limb);
}

void hg_exact_zero(struct hg_exact *sum)
{
    memset(sum->limb, 0, (size_t)(sum->limbs * sum->n + 1) * sizeof *sum->limb);
}
