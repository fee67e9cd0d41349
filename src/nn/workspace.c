#include "nn/workspace.h"

#include "base/mem.h"
#include "kernels/attention.h"
#include <string.h>

static hg_status create_thread(const struct hg_shard *shard, const struct hg_extent *extent, bool training,
                               struct hg_thread *thread)
{
    HG_TRY(HG_NEW_UNSET(thread->x, shard->max_cell * extent->in));
    HG_TRY(HG_NEW_UNSET(thread->scores, HG_ATTENTION_SCRATCH));
    if (training || extent->kept) HG_TRY(HG_NEW_UNSET(thread->z, shard->max_cell * extent->z));
    if (!training) return HG_OK;
    HG_TRY(HG_NEW_UNSET(thread->dx, shard->max_cell * extent->in));
    HG_TRY(HG_NEW_UNSET(thread->y, shard->max_cell * extent->out));
    HG_TRY(HG_NEW_UNSET(thread->partial, extent->weight));
    return HG_NEW_UNSET(thread->column, 2 * extent->z + extent->out);
}

static hg_status create_backward(const struct hg_shard *shard, const struct hg_extent *extent,
                                 struct hg_workspace *work)
{
    const int64_t parts = shard->out->hubs.parts;
    HG_TRY(hg_exchange_create(shard->comm, &shard->out->plan, (int)extent->target_cols, HG_EXCHANGE_CHUNK,
                              &work->backward));
    HG_TRY(HG_NEW_UNSET(work->dp, shard->owned * extent->heads));
    HG_TRY(HG_NEW_UNSET(work->hubs.rows, hg_max_i64(shard->in->hubs.parts, parts) * extent->z));
    HG_TRY(HG_NEW_UNSET(work->hubs.dp, parts * extent->heads));
    return HG_NEW_UNSET(work->hubs.du, parts * shard->edge_features * extent->heads);
}

hg_status hg_workspace_create(const struct hg_shard *shard, const struct hg_extent *extent,
                              const struct hg_machine *machine, bool training, struct hg_workspace *work)
{
    const int threads = machine->threads;
    *work = (struct hg_workspace){
        .shard = shard, .threads = threads, .kernels = machine->kernels, .blas = machine->blas};
    HG_TRY(hg_team_create(threads, machine->crowded, &work->team));
    HG_TRY(HG_NEW(work->thread, threads));
    for (int t = 0; t < threads; t++) {
        work->thread[t].index = t;
        HG_TRY(create_thread(shard, extent, training, &work->thread[t]));
    }
    HG_TRY(HG_NEW_UNSET(work->made, shard->cells));
    HG_TRY(
        hg_exchange_create(shard->comm, &shard->in->plan, (int)extent->z, HG_EXCHANGE_CHUNK, &work->forward));
    HG_TRY(HG_NEW_UNSET(work->hubs.targets, shard->in->hubs.parts * extent->target_stride));
    return training ? create_backward(shard, extent, work) : HG_OK;
}

void hg_workspace_destroy(struct hg_workspace *work)
{
    hg_team_destroy(work->team);
    work->team = NULL;
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
    HG_FREE(work->made);
    HG_FREE(work->dp);
    HG_FREE(work->hubs.targets);
    HG_FREE(work->hubs.rows);
    HG_FREE(work->hubs.dp);
    HG_FREE(work->hubs.du);
}

/* Between two cells of the main thread. The first `made` cells' rows may leave, if they are to be sent. */
static void let_messages_move(struct hg_workspace *work, struct hg_exchange *exchange, hg_lid made)
{
    const double start = hg_clock_seconds();
    if (exchange != NULL) {
        hg_exchange_ready(exchange, work->shard->cell_offset[made]);
        hg_exchange_progress(exchange);
    }
    /* alone, a rank has nothing to wait for, and rounds its sums when they are wanted */
    if (work->reduction != NULL && work->shard->comm->size > 1) hg_reduction_progress(work->reduction);
    work->message_seconds += hg_clock_seconds() - start;
}

/* A pass over pieces as the team sees it. */
struct pass {
    struct hg_workspace *work;
    hg_cell_fn *fn;
    void *context;
    struct hg_exchange *exchange;
    hg_lid made; /* of the main thread: cells before it are made */
};

static void run_piece(void *context, hg_lid piece, int t)
{
    const struct pass *pass = context;
    pass->fn(pass->context, piece, &pass->work->thread[t]);
    if (t == 0) let_messages_move(pass->work, pass->exchange, 0);
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
    __atomic_store_n(&work->made[cell], 1, __ATOMIC_RELEASE);
    if (t != 0) return;
    while (pass->made < cells && __atomic_load_n(&work->made[pass->made], __ATOMIC_ACQUIRE)) pass->made++;
    let_messages_move(work, pass->exchange, pass->made);
}

void hg_workspace_cells_sent(struct hg_workspace *work, hg_cell_fn *fn, void *context,
                             struct hg_exchange *exchange)
{
    const hg_lid cells = work->shard->cells;
    struct pass pass = {work, fn, context, exchange, 0};
    memset(work->made, 0, (size_t)cells);
    hg_team_run(work->team, cells, run_cell_sent, &pass);
    let_messages_move(work, exchange, cells);
}

void hg_workspace_book(struct hg_workspace *work, enum hg_phase phase)
{
    double in_sums = 0;
    for (int t = 0; t < work->threads; t++) {
        in_sums += work->thread[t].sum_seconds / work->threads;
        work->thread[t].sum_seconds = 0;
    }
    double *seconds = work->clock.seconds[work->clock.stage];
    hg_clock_book(&work->clock, phase);
    seconds[phase] -= in_sums + work->message_seconds;
    seconds[HG_PHASE_SUMS] += in_sums;
    seconds[HG_PHASE_EXCHANGE] += work->message_seconds;
    work->message_seconds = 0;
}
