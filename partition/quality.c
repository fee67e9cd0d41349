#include "base/mem.h"
#include "partition/cell_order.h"
#include "partition/directory.h"
#include "partition/partitioner.h"

/* The assumed owners, for `ranks` ranks, of this rank's rows and of the sources of their edges. */
struct assignment {
    int ranks;
    int *row;    /* [rows] owner of each row */
    int *source; /* [edges] owner of each edge's source */
};

static hg_status assignment_create(struct assignment *p, const struct hg_node_table *rows, int ranks)
{
    *p = (struct assignment){.ranks = ranks};
    HG_TRY(HG_NEW(p->row, rows->count));
    return HG_NEW(p->source, hg_node_table_edges(rows));
}

static void assignment_destroy(struct assignment *p)
{
    HG_FREE(p->row);
    HG_FREE(p->source);
}

/* Counts over this rank's rows: total[0] edges whose ends have different owners, total[1] rows without such edges;
 * nodes and edges [ranks] of each owner; copies: keys (owner, source) of the halo rows that this rank's rows need. */
static hg_status count_local(const struct hg_node_table *rows, const struct assignment *p, int64_t *total,
                             int64_t *nodes, int64_t *edges, struct hg_keys *copies)
{
    for (int64_t i = 0; i < rows->count; i++) {
        const int rank = p->row[i];
        const int64_t cut = total[0];
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            if (p->source[e] == rank) continue;
            total[0]++;
            HG_TRY(hg_keys_insert(copies, hg_key_pair(rank, rows->indices[e])));
        }
        total[1] += total[0] == cut;
        nodes[rank]++;
        edges[rank] += rows->indptr[i + 1] - rows->indptr[i];
    }
    return HG_OK;
}

static int64_t largest(const int64_t *values, int n)
{
    int64_t max = 0;
    for (int k = 0; k < n; k++) max = hg_max_i64(max, values[k]);
    return max;
}

static void summarise(const struct hg_graph_info *info, int ranks, const int64_t *sums,
                      struct hg_partition_quality *quality)
{
    const int64_t *halo = sums + 2, *nodes = halo + ranks, *edges = nodes + ranks;
    int64_t all_edges = 0;
    *quality = (struct hg_partition_quality){.edge_cut = sums[0], .max_halo = largest(halo, ranks)};
    for (int r = 0; r < ranks; r++) {
        quality->halo_rows += halo[r];
        all_edges += edges[r];
    }
    const double n = (double)hg_max_i64(info->num_nodes, 1);
    quality->node_balance = (double)largest(nodes, ranks) * ranks / n;
    quality->edge_balance = (double)largest(edges, ranks) * ranks / (double)hg_max_i64(all_edges, 1);
    quality->interior_share = (double)sums[1] / n;
}

/* sums [2 + 3 ranks]: edge cut, interior rows, then [ranks] each of halo rows, nodes and edges. hg_keys_share removes
 * copies that several ranks have found, so each halo row counts once. Collective. */
static hg_status measure(const struct hg_comm *comm, const struct hg_node_table *rows,
                         const struct assignment *p, struct hg_partition_quality *quality)
{
    const int64_t ranks = p->ranks, n = 2 + 3 * ranks;
    struct hg_keys copies = {0};
    int64_t *sums = NULL;
    hg_status status = HG_NEW(sums, n);
    if (status == HG_OK) status = count_local(rows, p, sums, sums + 2 + ranks, sums + 2 + 2 * ranks, &copies);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_keys_share(comm, rows->info.num_nodes, &copies);
    if (status == HG_OK) {
        for (int64_t k = 0; k < copies.count; k++) sums[2 + hg_key_high(copies.key[k])]++;
        hg_comm_sum_i64(comm, sums, n);
        summarise(&rows->info, p->ranks, sums, quality);
    }
    hg_keys_destroy(&copies);
    hg_mem_free(sums);
    return status;
}

hg_status hg_partition_quality(const struct hg_comm *comm, const struct hg_node_table *rows,
                               const struct hg_cells *cells, const int *owner, int ranks,
                               struct hg_partition_quality *quality)
{
    struct assignment p;
    hg_status status = hg_agree(comm, assignment_create(&p, rows, ranks));
    if (status == HG_OK) {
        for (int64_t i = 0; i < rows->count; i++) p.row[i] = owner[hg_cells_find(cells, rows->stored[i])];
        for (hg_eid e = 0; e < hg_node_table_edges(rows); e++)
            p.source[e] = owner[hg_cells_find(cells, rows->indices[e])];
        status = measure(comm, rows, &p, quality);
    }
    assignment_destroy(&p);
    return status;
}

/* The set of this rank's nodes and of the sources of their edges, by stored id. */
static hg_status collect_nodes(const struct hg_node_table *rows, struct hg_keys *nodes)
{
    for (int64_t i = 0; i < rows->count; i++) HG_TRY(hg_keys_insert(nodes, (uint64_t)rows->stored[i]));
    for (hg_eid e = 0; e < hg_node_table_edges(rows); e++)
        HG_TRY(hg_keys_insert(nodes, (uint64_t)rows->indices[e]));
    return hg_keys_unique(nodes, 0);
}

static hg_status assign_by_directory(const struct hg_directory *directory, const struct hg_node_table *rows,
                                     struct assignment *p)
{
    struct hg_keys nodes = {0};
    int64_t *value = NULL;
    hg_status status = hg_agree(directory->comm, collect_nodes(rows, &nodes));
    if (status == HG_OK) status = hg_directory_read(directory, &nodes, &value);
    if (status == HG_OK) {
        for (int64_t i = 0; i < rows->count; i++)
            p->row[i] = (int)value[hg_keys_find(&nodes, (uint64_t)rows->stored[i])];
        for (hg_eid e = 0; e < hg_node_table_edges(rows); e++)
            p->source[e] = (int)value[hg_keys_find(&nodes, (uint64_t)rows->indices[e])];
    }
    hg_mem_free(value);
    hg_keys_destroy(&nodes);
    return status;
}

hg_status hg_partition_direct_quality(const struct hg_comm *comm, const struct hg_node_table *rows, int ranks,
                                      struct hg_partition_quality *quality)
{
    struct hg_directory directory = {0};
    struct assignment p;
    hg_status status = hg_agree(comm, assignment_create(&p, rows, ranks));
    if (status == HG_OK) status = hg_partition_direct(comm, rows, ranks, &directory);
    if (status == HG_OK) status = assign_by_directory(&directory, rows, &p);
    if (status == HG_OK) status = measure(comm, rows, &p, quality);
    hg_directory_destroy(&directory);
    assignment_destroy(&p);
    return status;
}
