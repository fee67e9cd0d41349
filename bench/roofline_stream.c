#include "base/mem.h"
#include "base/simd.h"
#include "roofline.h"

struct triad {
    int64_t n;
    int threads;
    hg_real *a, *b, *c;
};

static void triad(void *context)
{
    const struct triad *t = context;
    hg_real *restrict a = t->a;
    const hg_real *restrict b = t->b, *restrict c = t->c;
#pragma omp parallel for simd schedule(static) num_threads(t->threads)
    for (int64_t k = 0; k < t->n; k++) a[k] = b[k] + (hg_real)3 * c[k];
}

static hg_status create(struct triad *t)
{
    HG_TRY(HG_NEW(t->a, t->n));
    HG_TRY(HG_NEW(t->b, t->n));
    HG_TRY(HG_NEW(t->c, t->n));
    hg_roof_fill(t->b, t->n);
    hg_roof_fill(t->c, t->n);
    return HG_OK;
}

hg_status hg_roof_triad(const struct hg_roof *roof, int64_t n, double *seconds)
{
    struct triad t = {.n = n, .threads = roof->backend.threads};
    const hg_status status = create(&t);
    if (status == HG_OK) *seconds = hg_roof_seconds(roof, triad, &t);
    HG_FREE(t.a);
    HG_FREE(t.b);
    HG_FREE(t.c);
    return status;
}
