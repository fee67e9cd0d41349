#include "nn/workspace.h"

#include "base/mem.h"
#include "kernels/attention.h"
#include <omp.h>

static hg_status create_thread(const struct hg_shard *shard, const struct hg_extent *extent, bool training,
                               struct hg_thread *thread)
{
    HG_TRY(HG_NEW(thread->x, shard->max_cell * extent->in));
    HG_TRY(HG_NEW(thread->scores, HG_ATTENTION_SCRATCH));
    if (!training) return HG_OK;
    /* gradients of outputs, which are read in whole vectors */
    HG_TRY(HG_NEW(thread->dx, shard->max_cell * extent->in + HG_LANES));
    HG_TRY(HG_NEW(thread->y, shard->max_cell * extent->out + HG_LANES));
    HG_TRY(HG_NEW(thread->z, shard->max_cell * extent->z));
    HG_TRY(HG_NEW(thread->partial, extent->weight));
    return HG_NEW(thread->column, 2 * extent->z + extent->out);
}

static hg_status create_backward(const struct hg_shard *shard, const struct hg_extent *extent,
                                 struct hg_workspace *work)
{
    const int64_t parts = shard->out->hubs.parts;
    HG_TRY(hg_exchange_create(shard->comm, &shard->out->plan, (int)extent->target_cols, &work->backward));
    HG_TRY(HG_NEW(work->dp, shard->owned * extent->heads));
    HG_TRY(HG_NEW(work->hubs.rows, hg_max_i64(shard->in->hubs.parts, parts) * extent->z));
    HG_TRY(HG_NEW(work->hubs.dp, parts * extent->heads));
    return HG_NEW(work->hubs.du, parts * shard->edge_features * extent->heads);
}

hg_status hg_workspace_create(const struct hg_shard *shard, const struct hg_extent *extent,
                              const struct hg_machine *machine, bool training, struct hg_workspace *work)
{
    const int threads = machine->threads;
    *work = (struct hg_workspace){
        .shard = shard, .threads = threads, .kernels = machine->kernels, .blas = machine->blas};
    HG_TRY(HG_NEW(work->thread, threads));
    for (int t = 0; t < threads; t++) HG_TRY(create_thread(shard, extent, training, &work->thread[t]));
    HG_TRY(hg_exchange_create(shard->comm, &shard->in->plan, (int)extent->z, &work->forward));
    HG_TRY(HG_NEW(work->hubs.targets, shard->in->hubs.parts * extent->target_cols));
    return training ? create_backward(shard, extent, work) : HG_OK;
}

void hg_workspace_destroy(struct hg_workspace *work)
{
    for (int t = 0; work->thread != NULL && t < work->threads; t++) {
        HG_FREE(work->thread[t].x);
        HG_FREE(work->thread[t].z);
        HG_FREE(work->thread[t].y);
        HG_FREE(work->thread[t].dx);
        HG_FREE(work->thread[t].partial);
        HG_FREE(work->thread[t].scores);
        HG_FREE(work->thread[t].column);
    }
    HG_FREE(work->thread);
    hg_exchange_destroy(work->forward);
    hg_exchange_destroy(work->backward);
    work->forward = work->backward = NULL;
    HG_FREE(work->dp);
    HG_FREE(work->hubs.targets);
    HG_FREE(work->hubs.rows);
    HG_FREE(work->hubs.dp);
    HG_FREE(work->hubs.du);
}

void hg_workspace_pieces(struct hg_workspace *work, hg_lid count, hg_cell_fn *fn, void *context,
                         struct hg_exchange *poll)
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(work->threads)
    for (hg_lid piece = 0; piece < count; piece++) {
        const int t = omp_get_thread_num();
        fn(context, piece, &work->thread[t]);
        if (poll != NULL && t == 0) hg_exchange_progress(poll);
    }
}

void hg_workspace_cells(struct hg_workspace *work, hg_cell_fn *fn, void *context, struct hg_exchange *poll)
{
    hg_workspace_pieces(work, work->shard->cells, fn, context, poll);
}

void hg_workspace_book(struct hg_workspace *work, enum hg_phase phase)
{
    double in_sums = 0;
    for (int t = 0; t < work->threads; t++) {
        in_sums += work->thread[t].sum_seconds / work->threads;
        work->thread[t].sum_seconds = 0;
    }
    hg_clock_book(&work->clock, phase);
    work->clock.seconds[work->clock.stage][phase] -= in_sums;
    work->clock.seconds[work->clock.stage][HG_PHASE_SUMS] += in_sums;
}
