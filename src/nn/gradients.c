#include "nn/gradients.h"

#include "base/mem.h"

enum { MERGED_SUMS = 4096 }; /* sums that a thread merges at a time */

int64_t hg_gradients_register(struct hg_gradients *gradients, enum hg_gradient_kind kind, int64_t count,
                              hg_real *out)
{
    const int64_t first = gradients->count[kind];
    gradients->kind[gradients->pieces] = kind;
    gradients->piece[gradients->pieces++] = (struct hg_piece){NULL, first, count, out};
    gradients->count[kind] += count;
    return first;
}

hg_status hg_gradients_create(struct hg_gradients *gradients, struct hg_workspace *work, bool by_column,
                              int tag)
{
    gradients->work = work;
    for (int kind = 0; kind < HG_GRADIENT_KINDS; kind++) {
        HG_TRY(HG_NEW(gradients->sum[kind], work->threads));
        for (int t = 0; t < work->threads; t++) {
            const bool shared = kind == HG_GRADIENT_WEIGHTS && by_column && t > 0;
            HG_TRY(hg_exact_create(&gradients->sum[kind][t], shared ? 0 : gradients->count[kind],
                                   HG_LIMBS_GRADIENT));
        }
    }
    for (int p = 0; p < gradients->pieces; p++) gradients->piece[p].sum = gradients->sum[gradients->kind[p]];
    const struct hg_reduction_spec spec = {gradients->piece, gradients->pieces,
                                           work->kernels->exact_round_real, tag};
    return hg_reduction_create(work->shard->comm, &spec, &gradients->reduction);
}

void hg_gradients_destroy(struct hg_gradients *gradients)
{
    hg_reduction_destroy(gradients->reduction);
    gradients->reduction = NULL;
    for (int kind = 0; kind < HG_GRADIENT_KINDS; kind++) {
        struct hg_exact *sum = gradients->sum[kind];
        for (int t = 0; sum != NULL && t < gradients->work->threads; t++) hg_exact_destroy(&sum[t]);
        HG_FREE(gradients->sum[kind]);
    }
}

void hg_gradients_zero(struct hg_gradients *gradients)
{
    for (int t = 0; t < gradients->work->threads; t++)
        for (int kind = 0; kind < HG_GRADIENT_KINDS; kind++) hg_exact_zero(&gradients->sum[kind][t]);
}

void hg_gradients_add(struct hg_gradients *gradients, enum hg_gradient_kind kind, int64_t first,
                      const hg_real *part, int64_t count, struct hg_thread *thread)
{
    const double start = hg_clock_seconds();
    gradients->work->kernels->exact_add_real(&gradients->sum[kind][thread->index], first, part, count);
    thread->sum_seconds += hg_clock_seconds() - start;
}

void hg_gradients_add_f64(struct hg_gradients *gradients, int64_t first, const double *part, int64_t count,
                          struct hg_thread *thread)
{
    const double start = hg_clock_seconds();
    gradients->work->kernels->exact_add_f64(&gradients->sum[HG_GRADIENT_VECTORS][thread->index], first, part,
                                            count);
    thread->sum_seconds += hg_clock_seconds() - start;
}

/* The context of merge_piece: [threads] sums, and the workspace that they belong to. */
struct merge {
    const struct hg_workspace *work;
    struct hg_exact *sums;
};

static void merge_piece(void *context, hg_lid piece, struct hg_thread *thread)
{
    const struct merge *merge = context;
    struct hg_exact *sums = merge->sums;
    const int64_t first = (int64_t)piece * MERGED_SUMS, count = hg_min_i64(MERGED_SUMS, sums[1].n - first);
    (void)thread;
    for (int t = 1; t < merge->work->threads; t++)
        merge->work->kernels->exact_merge(&sums[0], &sums[t], first, count);
}

/* Adds the sums of the other threads to those of the first, unless all threads share one object (then the others are
 * empty). */
static void merge_threads(struct hg_workspace *work, struct hg_exact *sums)
{
    struct merge merge = {work, sums};
    const hg_lid pieces = (hg_lid)((sums[1].n + MERGED_SUMS - 1) / MERGED_SUMS);
    hg_workspace_pieces(work, pieces, merge_piece, &merge, NULL);
    for (int t = 1; t < work->threads; t++) hg_exact_merge_nonfinite(&sums[0], &sums[t]);
}

void hg_gradients_begin(struct hg_gradients *gradients)
{
    int64_t nonfinite = 0;
    for (int kind = 0; kind < HG_GRADIENT_KINDS; kind++) {
        if (gradients->work->threads > 1) merge_threads(gradients->work, gradients->sum[kind]);
        nonfinite += hg_exact_nonfinite(gradients->sum[kind]);
    }
    hg_reduction_begin(gradients->reduction, nonfinite);
    gradients->work->reduction = gradients->reduction;
}

void hg_gradients_wait(struct hg_gradients *gradients)
{
    hg_reduction_wait(gradients->reduction);
}

void hg_gradients_end(struct hg_gradients *gradients)
{
    gradients->nonfinite = hg_reduction_end(gradients->reduction);
}
