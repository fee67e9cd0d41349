#include "nn/workspace.h"

#include "base/mem.h"
#include <string.h>

static hg_status create_thread(const struct hg_shard *shard, const struct hg_extent *extent,
                               struct hg_thread *thread)
{
    const int64_t rows = shard->max_cell;
    HG_TRY(HG_NEW_UNSET(thread->x, rows * extent->in));
    HG_TRY(HG_NEW_UNSET(thread->scratch, extent->scratch));
    if (extent->training || extent->converted) HG_TRY(HG_NEW_UNSET(thread->copy[0], rows * extent->copy[0]));
    if (!extent->training) return HG_OK;
    HG_TRY(HG_NEW_UNSET(thread->dx, rows * extent->in));
    HG_TRY(HG_NEW_UNSET(thread->copy[1], rows * extent->copy[1]));
    HG_TRY(HG_NEW_UNSET(thread->partial, extent->partial));
    return HG_NEW_UNSET(thread->vectors, extent->vectors);
}

static hg_status create_backward(const struct hg_shard *shard, const struct hg_extent *extent,
                                 struct hg_workspace *work)
{
    HG_TRY(hg_exchange_create(shard->comm, &shard->out->plan, (int)extent->backward_row, HG_EXCHANGE_CHUNK,
                              &work->backward));
    return HG_NEW_UNSET(work->node_scratch, shard->owned * extent->node_scratch);
}

hg_status hg_workspace_create(const struct hg_shard *shard, const struct hg_extent *extent,
                              const struct hg_backend *backend, struct hg_workspace *work)
{
    const int threads = backend->threads;
    const int64_t in = shard->in->hubs.parts * extent->hub_in, out = shard->out->hubs.parts * extent->hub_out;
    *work = (struct hg_workspace){
        .shard = shard, .threads = threads, .kernels = backend->kernels, .blas = backend->blas};
    /* an imagined rank has the memory of its threads, but no work for them */
    HG_TRY(hg_team_create(shard->comm->imagined ? 1 : threads, backend->oversubscribed, &work->team));
    HG_TRY(HG_NEW(work->thread, threads));
    for (int t = 0; t < threads; t++) {
        work->thread[t].index = t;
        HG_TRY(create_thread(shard, extent, &work->thread[t]));
    }
    HG_TRY(HG_NEW_UNSET(work->completed, shard->cells));
    HG_TRY(HG_NEW_UNSET(work->hub_parts, hg_max_i64(in, extent->training ? out : 0)));
    HG_TRY(hg_exchange_create(shard->comm, &shard->in->plan, (int)extent->forward_row, HG_EXCHANGE_CHUNK,
                              &work->forward));
    return extent->training ? create_backward(shard, extent, work) : HG_OK;
}

static void destroy_thread(struct hg_thread *thread)
{
    HG_FREE(thread->x);
    HG_FREE(thread->dx);
    for (int k = 0; k < HG_LINEARS; k++) HG_FREE(thread->copy[k]);
    HG_FREE(thread->partial);
    HG_FREE(thread->vectors);
    HG_FREE(thread->scratch);
}

void hg_workspace_destroy(struct hg_workspace *work)
{
    hg_team_destroy(work->team);
    work->team = NULL;
    for (int t = 0; work->thread != NULL && t < work->threads; t++) destroy_thread(&work->thread[t]);
    HG_FREE(work->thread);
    hg_exchange_destroy(work->forward);
    hg_exchange_destroy(work->backward);
    work->forward = work->backward = NULL;
    HG_FREE(work->completed);
    HG_FREE(work->node_scratch);
    HG_FREE(work->hub_parts);
}

/* Called by the main thread between two pieces: lets MPI make progress. Rows of the first `completed` cells may be
 * sent. */
static void progress_messages(struct hg_workspace *work, struct hg_exchange *exchange, hg_lid completed)
{
    const double start = hg_clock_seconds();
    if (exchange != NULL) {
        hg_exchange_ready(exchange, work->shard->cell_offset[completed]);
        hg_exchange_progress(exchange);
    }
    /* a single rank has no messages; its sums are rounded in hg_reduction_end */
    if (work->reduction != NULL && work->shard->comm->size > 1) hg_reduction_progress(work->reduction);
    work->message_seconds += hg_clock_seconds() - start;
}

/* A pass over pieces: the context of run_piece and run_cell_sent. */
struct pass {
    struct hg_workspace *work;
    hg_cell_fn *fn;
    void *context;
    struct hg_exchange *exchange;
    hg_lid completed; /* number of leading cells that are complete; main thread only */
};

static void run_piece(void *context, hg_lid piece, int t)
{
    const struct pass *pass = context;
    pass->fn(pass->context, piece, &pass->work->thread[t]);
    if (t == 0) progress_messages(pass->work, pass->exchange, 0);
}

void hg_workspace_pieces(struct hg_workspace *work, hg_lid count, hg_cell_fn *fn, void *context,
                         struct hg_exchange *poll)
{
    struct pass pass = {work, fn, context, poll, 0};
    hg_team_run(work->team, count, run_piece, &pass);
}

void hg_workspace_cells(struct hg_workspace *work, hg_cell_fn *fn, void *context)
{
    hg_workspace_pieces(work, work->shard->cells, fn, context, NULL);
}

static void run_cell_sent(void *context, hg_lid cell, int t)
{
    struct pass *pass = context;
    struct hg_workspace *work = pass->work;
    const hg_lid cells = work->shard->cells;
    pass->fn(pass->context, cell, &work->thread[t]);
    __atomic_store_n(&work->completed[cell], 1, __ATOMIC_RELEASE);
    if (t != 0) return;
    while (pass->completed < cells && __atomic_load_n(&work->completed[pass->completed], __ATOMIC_ACQUIRE))
        pass->completed++;
    progress_messages(work, pass->exchange, pass->completed);
}

void hg_workspace_cells_sent(struct hg_workspace *work, hg_cell_fn *fn, void *context,
                             struct hg_exchange *exchange)
{
    const hg_lid cells = work->shard->cells;
    struct pass pass = {work, fn, context, exchange, 0};
    memset(work->completed, 0, (size_t)cells);
    hg_team_run(work->team, cells, run_cell_sent, &pass);
    progress_messages(work, exchange, cells);
}

void hg_workspace_add_time(struct hg_workspace *work, enum hg_phase phase)
{
    double in_sums = 0;
    for (int t = 0; t < work->threads; t++) {
        in_sums += work->thread[t].sum_seconds / work->threads;
        work->thread[t].sum_seconds = 0;
    }
    double *seconds = work->clock.seconds[work->clock.stage];
    hg_clock_add(&work->clock, phase);
    seconds[phase] -= in_sums + work->message_seconds;
    seconds[HG_PHASE_SUMS] += in_sums;
    seconds[HG_PHASE_EXCHANGE] += work->message_seconds;
    work->message_seconds = 0;
}
