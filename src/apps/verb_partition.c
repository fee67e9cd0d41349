#include "apps/show.h"
#include "apps/verbs.h"
#include "base/mem.h"
#include "io/graph_file.h"
#include "partition/partitioner.h"

/** A graph in cell order, and what is told about it. */
struct partitioned {
    struct hg_rows rows;
    struct hg_cells cells;
    int *owner;    /**< [C] for the number of ranks at hand */
    json_t *table; /**< rank 0: a row for each number of ranks */
};

static hg_status read_rows(const struct hg_comm *comm, const char *path, struct hg_rows *rows)
{
    struct hg_graph_info info = {0};
    struct hg_cells cells = {0};
    HG_TRY(hg_graph_file_open(comm, path, &info, &cells));
    const struct hg_range block = hg_block_range(info.num_nodes, comm->rank, comm->size);
    hg_status status = HG_OK;
    if (cells.count > 0)
        status = hg_fail(HG_FAILED, path, "is in cell order already: partition the imported graph");
    if (status == HG_OK) status = hg_graph_file_read(comm, path, &block, block.end > block.first, true, rows);
    if (status == HG_OK) status = hg_graph_file_unchanged(path, &info, rows);
    hg_cells_destroy(&cells);
    hg_graph_info_destroy(&info);
    return status;
}

/* 1 when both are 0: a graph without halo. */
static double ratio(int64_t a, int64_t b)
{
    return b > 0 ? (double)a / (double)b : a > 0 ? (double)a : 1;
}

static json_t *table_row(int ranks, const struct hg_partition_quality *q,
                         const struct hg_partition_quality *direct)
{
    return json_pack("{s:i, s:I, s:I, s:I, s:f, s:f, s:f, s:I, s:f}", "ranks", ranks, "edge_cut",
                     (json_int_t)q->edge_cut, "halo_rows", (json_int_t)q->halo_rows, "max_halo",
                     (json_int_t)q->max_halo, "node_balance", q->node_balance, "edge_balance",
                     q->edge_balance, "interior_share", q->interior_share, "metis_halo_rows",
                     (json_int_t)direct->halo_rows, "halo_ratio", ratio(q->halo_rows, direct->halo_rows));
}

static hg_status measure(const struct hg_comm *comm, struct partitioned *p, int ranks)
{
    struct hg_partition_quality quality = {0}, direct = {0};
    HG_TRY(hg_partition_owners(comm, &p->cells, ranks, p->owner));
    HG_TRY(hg_partition_quality(comm, &p->rows, &p->cells, p->owner, ranks, &quality));
    HG_TRY(hg_partition_direct_quality(comm, &p->rows, &p->cells, ranks, &direct));
    if (comm->rank == 0) json_array_append_new(p->table, table_row(ranks, &quality, &direct));
    return HG_OK;
}

static hg_status measure_all(const struct hg_comm *comm, const struct hg_config *config,
                             struct partitioned *p)
{
    HG_TRY(hg_agree(comm, HG_NEW(p->owner, p->cells.count)));
    if (comm->rank == 0) p->table = json_array();
    for (int k = 0; k < config->ranks.count; k++) HG_TRY(measure(comm, p, (int)config->ranks.value[k]));
    json_t *all = NULL;
    if (comm->rank == 0) {
        all = json_pack("{s:o, s:I, s:I, s:I, s:O}", "file", hg_show_text(config->out, SIZE_MAX), "num_nodes",
                        (json_int_t)p->rows.info.num_nodes, "num_edges", (json_int_t)p->rows.info.num_edges,
                        "cells", (json_int_t)p->cells.count, "partition", p->table);
    }
    return hg_show(comm, all, config->json);
}

static hg_status partition(const struct hg_comm *comm, const struct hg_config *config, struct partitioned *p)
{
    const struct hg_partition_options options = {.method = (enum hg_partitioner)config->partitioner,
                                                 .cells = config->cells,
                                                 .seed = (uint64_t)config->seed};
    HG_TRY(read_rows(comm, config->input, &p->rows));
    HG_TRY(hg_partition(comm, &options, &p->rows, &p->cells));
    HG_TRY(hg_graph_file_write(comm, config->out, &p->rows, &p->cells));
    return config->quiet ? HG_OK : measure_all(comm, config, p);
}

hg_status hg_verb_partition(const struct hg_comm *comm, struct hg_config *config)
{
    struct partitioned p = {0};
    const hg_status status = partition(comm, config, &p);
    json_decref(p.table);
    hg_mem_free(p.owner);
    hg_cells_destroy(&p.cells);
    hg_rows_destroy(&p.rows);
    return status;
}
