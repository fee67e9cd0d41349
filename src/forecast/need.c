#include "forecast/need.h"

#include "base/mem.h"
#include "forecast/setup.h"
#include "train/run.h"
#include "train/run_checkpoint.h"
#include "train/trained.h"

#define NEED_NAME(NAME, name) #name,
const char *const hg_need_name[HG_NEED_ITEMS] = {HG_NEED_LIST(NEED_NAME)};

/* An imagined training of one rank, and what is counted of it. */
struct imagined {
    const struct hg_need_of *of;
    const struct hg_rank_shape *part;
    struct hg_comm comm;
    struct hg_backend backend;
    struct hg_dataset data;
    struct hg_model *model;
    struct hg_evaluator evaluator;
    struct hg_run run;
    struct hg_need *need;
    int64_t begun, counted; /* bytes at the beginning, and those that belong to an item already */
};

/* What was allocated since the last call belongs to `item`. */
static void take(struct imagined *m, enum hg_need_item item)
{
    const int64_t bytes = hg_mem_bytes();
    m->need->bytes[item] += bytes - m->counted;
    m->counted = bytes;
}

static hg_status imagine_sparse(struct hg_features *x, int64_t rows, int64_t values)
{
    HG_TRY(HG_NEW(x->indptr, rows + 1));
    x->indptr[rows] = values;
    HG_TRY(HG_NEW(x->indices, values));
    return HG_NEW(x->data, values);
}

/* The node table as it is in training: without edges, with features that are hg_real. */
static hg_status imagine_nodes(struct imagined *m)
{
    struct hg_dataset *data = &m->data;
    struct hg_node_table *rows = &data->rows;
    data->info = m->of->outline->info;
    data->info.wide = false;
    rows->info = data->info;
    rows->count = m->part->shard.owned;
    HG_TRY(HG_NEW(rows->stored, rows->count));
    HG_TRY(HG_NEW(rows->imported, rows->count));
    HG_TRY(hg_node_table_allocate_arrays(rows));
    if (rows->info.sparse) HG_TRY(imagine_sparse(&rows->x, rows->count, m->part->values));
    for (int s = 0; s < HG_SPLITS; s++)
        if (rows->mask[s] != NULL) HG_TRY(HG_NEW(data->mask_column[s], rows->count));
    return hg_statistics_create(&m->of->options->data, &data->info, &data->statistics);
}

/* The cells that every rank has: as large as those of the file; where there are none yet, with a graph of no more than
 * one neighbour for every two cells. */
static hg_status imagine_cells(struct imagined *m)
{
    const struct hg_outline *outline = m->of->outline;
    const struct hg_cells *known =
        outline->source == HG_OUTLINE_EDGES ? &outline->data.cells : &outline->cells;
    const int64_t count = outline->num_cells, pairs = count * hg_min_i64(count / 2, 1024);
    struct hg_cells *cells = &m->data.cells;
    if (known->count > 0) {
        const hg_status status = hg_cells_allocate_like(known, cells);
        hg_nets_destroy(&cells->nets); /* as hg_dataset_open does */
        return status;
    }
    cells->count = count;
    HG_TRY(HG_NEW(cells->offsets, count + 1));
    HG_TRY(HG_NEW(cells->edges, count));
    HG_TRY(HG_NEW(cells->indptr, count + 1));
    HG_TRY(HG_NEW(cells->indices, pairs));
    HG_TRY(HG_NEW(cells->weight, pairs));
    return HG_NEW(cells->owner, count);
}

static hg_status imagine_edges(struct imagined *m)
{
    HG_TRY(imagine_cells(m));
    return hg_shard_imagine(&m->comm, &m->part->shard, &m->data.shard);
}

static hg_status imagine_model(struct imagined *m)
{
    struct hg_model_options options;
    HG_TRY(hg_trained_options(&m->of->options->model, m->data.info.num_outputs, &options));
    HG_TRY(hg_backend_kernels(&m->comm, &m->backend.kernels));
    m->backend.threads = m->of->threads;
    return hg_model_create(&m->data.shard, &m->data.rows.x, &options, &m->backend, true, &m->model);
}

static hg_status imagine_subgraphs(struct imagined *m)
{
    for (int l = m->model->layers - 1; l >= 0; l--)
        HG_TRY(hg_subgraph_imagine(&m->data.shard, &m->part->layer[l], &m->model->needed[l]));
    return HG_OK;
}

static hg_status imagine_run(struct imagined *m)
{
    m->run = (struct hg_run){.comm = &m->comm, .options = m->of->options, .model = m->model};
    HG_TRY(hg_evaluator_create(&m->data, &m->model->work, m->of->options->metric, &m->evaluator));
    return hg_run_allocate(&m->run);
}

/* The program itself, MPI and the libraries: of an empty training, and what MPI keeps for each rank of the host. */
static int64_t process_bytes(const struct imagined *m)
{
    enum { ALONE = 32000000, PER_RANK = 500000 };
    return ALONE + PER_RANK * (int64_t)m->of->ranks_per_node;
}

/* The set-up ends with the shard, before the model is made. */
static void take_setup(struct imagined *m, int rank, int ranks)
{
    int64_t *bytes = m->need->bytes;
    const struct hg_setup_of of = {m->of->outline,      m->part, rank, ranks, bytes[HG_NEED_NODES],
                                   bytes[HG_NEED_EDGES]};
    const int64_t peak = hg_max_i64(hg_setup_peak(&of), hg_mem_peak() - m->begun),
                  left = m->counted - m->begun + bytes[HG_NEED_CHECKPOINT];
    bytes[HG_NEED_SETUP] = hg_max_i64(peak - left, 0);
}

static hg_status count_memory(struct imagined *m, int rank, int ranks)
{
    struct hg_trained_vector vectors[HG_TRAINED_VECTORS];
    hg_mem_peak_reset();
    HG_TRY(imagine_nodes(m));
    take(m, HG_NEED_NODES);
    HG_TRY(imagine_edges(m));
    take(m, HG_NEED_EDGES);
    HG_TRY(imagine_model(m));
    take(m, HG_NEED_MODEL);
    HG_TRY(imagine_subgraphs(m));
    take(m, HG_NEED_SUBGRAPHS);
    HG_TRY(imagine_run(m));
    take(m, HG_NEED_OPTIMIZER);
    m->need->bytes[HG_NEED_CHECKPOINT] =
        hg_trained_write_bytes(&m->model->params, hg_run_vectors(&m->run, vectors));
    take_setup(m, rank, ranks);
    m->need->bytes[HG_NEED_PROCESS] = process_bytes(m);
    return HG_OK;
}

static void destroy(struct imagined *m)
{
    hg_run_end(&m->run);
    if (m->evaluator.work != NULL) hg_evaluator_destroy(&m->evaluator);
    hg_model_destroy(m->model);
    hg_dataset_destroy(&m->data);
}

hg_status hg_need_of_rank(const struct hg_need_of *of, const struct hg_rank_shape *part, int rank, int ranks,
                          struct hg_need *need)
{
    struct imagined m = {.of = of,
                         .part = part,
                         .comm = hg_comm_imagined(of->outline->alone, rank, ranks),
                         .need = need,
                         .begun = hg_mem_bytes(),
                         .counted = hg_mem_bytes()};
    *need = (struct hg_need){0};
    HG_TRY(hg_mem_count_begin());
    const hg_status status = count_memory(&m, rank, ranks);
    if (status == HG_OK) hg_work_of(m.model, &need->work);
    destroy(&m);
    hg_mem_count_end();
    return status;
}
