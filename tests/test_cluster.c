/* The stages of the multilevel partitioner against naive code on whole graphs, and its results against those of other
 * methods. */
#include "edge_list.h"
#include "generate/generate.h"
#include "ordered.h"
#include "partition/cluster/cluster.h"
#include "partition/cluster/contract.h"
#include "partition/cluster/labels.h"
#include "partition/cluster/sample.h"
#include "partition/cluster/split.h"
#include "partition/partitioner.h"

static struct edge_list list;

static void make_level(struct hg_node_table *rows, struct hg_level *level)
{
    list_rows(&hg_test_comm, &list, rows);
    assert_ok(hg_level_from_rows(&hg_test_comm, rows, NULL, level));
}

/* The ids of all nodes of a level, ghosts included. */
static void learn_ids(const struct hg_level *level, uint64_t *id)
{
    for (int64_t v = 0; v < level->owned; v++) id[v] = hg_level_id(level, v);
    assert_ok(hg_level_refresh(level, id));
}

/* Counts the edges of the list between two nodes: those that a level of it has at either of them. */
static int64_t edges_between(int64_t a, int64_t b, bool symmetric)
{
    int64_t edges = 0;
    for (int e = 0; e < list.edges; e++) {
        edges += list.target[e] == a && list.source[e] == b;
        edges += !symmetric && list.source[e] == a && list.target[e] == b;
    }
    return a == b ? 0 : edges;
}

static void check_level(bool symmetric)
{
    struct hg_node_table rows;
    struct hg_level level;
    uint64_t id[LIST_NODES];
    int64_t seen[LIST_NODES];
    make_level(&rows, &level);
    assert_int_equal(level.symmetric, symmetric);
    learn_ids(&level, id);
    for (int64_t v = 0; v < level.owned; v++) {
        memset(seen, 0, sizeof seen);
        for (int64_t e = level.indptr[v]; e < level.indptr[v + 1]; e++) seen[id[level.neighbour[e]]]++;
        for (int64_t b = 0; b < list.nodes; b++)
            assert_int_equal(seen[b], edges_between((int64_t)id[v], b, symmetric));
        int at[LIST_EDGES];
        const int sources = list_row(&list, (hg_gid)id[v], true, true, at);
        assert_int_equal(level.sources[v], sources);
        assert_int_equal(level.in_degree[v], list_row(&list, (hg_gid)id[v], true, false, &at[sources]));
        for (int k = 0; k < sources; k++)
            assert_int_equal(id[level.neighbour[level.indptr[v] + k]], list.source[at[k]]);
    }
    hg_level_destroy(&level);
    hg_node_table_destroy(&rows);
}

static void test_level(void **state)
{
    (void)state;
    list_directed(&list, 90, 700, 0);
    check_level(false);
    list_symmetric(&list, 90, 0);
    check_level(true);
}

/* Every rank learns the label of every node. */
static void learn_labels(const struct hg_labels *labels, int64_t *label)
{
    for (int i = 0; i < list.nodes; i++) label[i] = 0;
    for (int64_t v = 0; v < labels->level->owned; v++)
        label[hg_level_id(labels->level, v)] = hg_label_of(labels->node[v]);
    hg_comm_sum_i64(&hg_test_comm, label, list.nodes);
}

/* The sizes of labels, and what each node and ghost knows of its label, agree with the labels of all nodes. */
static void check_sizes(const struct hg_labels *labels, const int64_t *label, uint32_t limit)
{
    const struct hg_level *level = labels->level;
    int64_t weight[LIST_NODES] = {0}, size[LIST_NODES] = {0};
    uint64_t id[LIST_NODES];
    for (int64_t v = 0; v < level->owned; v++) weight[hg_level_id(level, v)] = level->weight[v];
    hg_comm_sum_i64(&hg_test_comm, weight, list.nodes);
    for (int i = 0; i < list.nodes; i++) size[label[i]] += weight[i];
    for (int i = 0; i < list.nodes; i++) assert_true(size[i] <= limit || size[i] == weight[i]);
    for (int64_t k = hg_blocks_first(&labels->blocks); k < labels->blocks.first[hg_test_comm.rank + 1]; k++)
        assert_int_equal(labels->size[k - hg_blocks_first(&labels->blocks)], size[k]);
    learn_ids(level, id);
    for (int64_t v = 0; v < level->owned + level->ghosts; v++)
        assert_true(labels->node[v] == hg_label_pack((uint32_t)label[id[v]], (uint32_t)size[label[id[v]]]));
}

/* The coarse graph has the edges between labels, with the sums of their weights. */
static void check_contracted(const struct hg_level *coarse, const int64_t *coarse_of, bool symmetric)
{
    static int64_t sum[LIST_NODES][LIST_NODES];
    uint64_t id[LIST_NODES];
    memset(sum, 0, sizeof sum);
    for (int e = 0; e < list.edges; e++) {
        const int64_t a = coarse_of[list.target[e]], b = coarse_of[list.source[e]];
        sum[a][b] += a != b;
        sum[b][a] += a != b && !symmetric;
    }
    learn_ids(coarse, id);
    for (int64_t v = 0; v < coarse->owned; v++) {
        int64_t *row = sum[id[v]];
        for (int64_t e = coarse->indptr[v]; e < coarse->indptr[v + 1]; e++) {
            const uint64_t b = id[coarse->neighbour[e]];
            assert_int_equal(coarse->edge_weight[e], row[b]);
            row[b] = 0;
        }
        for (int b = 0; b < LIST_NODES; b++) assert_int_equal(row[b], 0);
    }
}

static void check_clusters(bool symmetric)
{
    struct hg_node_table rows;
    const struct hg_contraction_limits limits = {LIST_EDGES, LIST_NODES};
    struct hg_level level, coarse;
    struct hg_labels labels;
    uint32_t *id = NULL;
    int64_t label[LIST_NODES], coarse_of[LIST_NODES] = {0};
    make_level(&rows, &level);
    const uint32_t limit = 8 * (uint32_t)(3 * rows.info.num_edges / rows.info.num_nodes);
    assert_ok(hg_labels_create_ids(&level, limit, &labels));
    assert_ok(hg_labels_propagate(&labels, 3, 5));
    learn_labels(&labels, label);
    check_sizes(&labels, label, limit);
    assert_ok(hg_labels_join_single(&labels));
    learn_labels(&labels, label);
    check_sizes(&labels, label, limit);
    assert_ok(hg_level_contract(&labels, &limits, &id, &coarse));
    assert_true(hg_blocks_total(&coarse.blocks) < list.nodes / 2);
    for (int64_t v = 0; v < level.owned; v++) coarse_of[hg_level_id(&level, v)] = id[v];
    hg_comm_sum_i64(&hg_test_comm, coarse_of, list.nodes);
    for (int i = 0; i < list.nodes; i++)
        for (int j = 0; j < i; j++) assert_int_equal(label[i] < label[j], coarse_of[i] < coarse_of[j]);
    check_contracted(&coarse, coarse_of, symmetric);
    hg_mem_free(id);
    hg_level_destroy(&coarse);
    hg_labels_destroy(&labels);
    hg_level_destroy(&level);
    hg_node_table_destroy(&rows);
}

static void test_clusters(void **state)
{
    (void)state;
    list_directed(&list, 200, 1500, 0);
    check_clusters(false);
    list_symmetric(&list, 200, 0);
    check_clusters(true);
}

/* About as many edges stay as were asked for, heavy ones all; both ends of an edge agree. */
static void test_sample(void **state)
{
    enum { NODES = 200, HEAVY = 64, EDGES = NODES * (NODES - 1), WANTED = EDGES / 4 };
    const struct hg_range block = hg_block_range(NODES, hg_test_comm.rank, hg_test_comm.size);
    struct hg_weights weights = {{0}, {0}};
    int64_t sums[4] = {0}; /* edges that stay, their weight, heavy edges that stay; heavy edges */
    (void)state;
#define WEIGHT(a, b) (((a) + (b)) % 50 == 0 ? HEAVY : 1 + ((a) + (b)) % 3)
    for (uint32_t a = (uint32_t)block.first; a < block.end; a++)
        for (uint32_t b = 0; b < NODES; b++)
            if (a != b) hg_weights_add(&weights, WEIGHT(a, b));
    assert_int_equal(hg_weights_threshold(&hg_test_comm, &weights, EDGES), 1);
    const uint64_t t = hg_weights_threshold(&hg_test_comm, &weights, WANTED);
    for (uint32_t a = 0; a < NODES; a++)
        for (uint32_t b = 0; b < NODES; b++) {
            const uint32_t weight = WEIGHT(a, b), sampled = hg_sampled_weight(a, b, weight, t);
            if (a == b) continue;
            assert_int_equal(sampled, hg_sampled_weight(b, a, weight, t));
            assert_int_equal(hg_sampled_weight(a, b, weight, 1), weight);
            sums[0] += sampled > 0;
            sums[1] += sampled;
            sums[2] += sampled == HEAVY;
            sums[3] += weight == HEAVY;
        }
#undef WEIGHT
    assert_in_range(sums[0], EDGES / 10, WANTED * 11 / 10);
    assert_int_equal(sums[2], sums[3]);
    const int64_t weight = (int64_t)EDGES * 2 + sums[3] * (HEAVY - 2);
    assert_in_range(sums[1], weight * 9 / 10, weight * 11 / 10);
    int64_t kept = hg_weights_kept(&weights, t);
    hg_comm_sum_i64(&hg_test_comm, &kept, 1);
    assert_in_range(kept, sums[0] * 9 / 10, sums[0] * 11 / 10);
}

/* The halo rows for 8 ranks of cells made by a method; the cells' hash is the same on one rank. */
static int64_t halo_of(const struct hg_comm *comm, const struct hg_generate_options *generate,
                       enum hg_partitioner method, struct hg_cells *cells, struct hg_node_table *rows)
{
    enum { CELLS = 64, MOST = CELLS * 3 / 2, RANKS = 8 }; /* more where regions are divided */
    const struct hg_partition_options options = {.method = method, .cells = CELLS};
    struct hg_partition_quality quality;
    struct hg_divided divided;
    int owner[MOST];
    *rows = (struct hg_node_table){0};
    assert_ok(hg_generate(comm, generate, rows));
    assert_ok(ordered_partition(comm, &options, rows, cells, &divided));
    assert_in_range(cells->count, CELLS * 3 / 4, MOST);
    assert_ok(hg_partition_owners(comm, cells, RANKS, owner));
    assert_ok(hg_partition_quality(&divided, cells, owner, RANKS, &quality));
    hg_divided_destroy(&divided);
    return quality.halo_rows;
}

static int64_t halo_alone(const struct hg_comm *comm, const struct hg_generate_options *generate,
                          enum hg_partitioner method)
{
    struct hg_node_table rows;
    struct hg_cells cells;
    const int64_t halo = halo_of(comm, generate, method, &cells, &rows);
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
    return halo;
}

/* All ranks together make the cells that one rank makes. */
static void check_same(const struct hg_comm *alone, const struct hg_generate_options *generate,
                       const struct hg_cells *cells, const struct hg_node_table *rows)
{
    struct hg_node_table whole;
    struct hg_cells same;
    halo_of(alone, generate, HG_PARTITION_CLUSTER, &same, &whole);
    assert_int_equal(same.count, cells->count);
    assert_memory_equal(same.offsets, cells->offsets, (size_t)(same.count + 1) * sizeof *same.offsets);
    for (int64_t i = 0; i < rows->count; i++)
        assert_int_equal(whole.imported[rows->stored[i]], rows->imported[i]);
    hg_cells_destroy(&same);
    hg_node_table_destroy(&whole);
}

/* Cells of clusters have about the halo of METIS's cells, and never more than blocks of ids or random cells. */
static void check_quality(enum hg_generator kind, int64_t nodes, int64_t edges, double limit)
{
    const struct hg_generate_options generate = {
        .kind = kind, .nodes = nodes, .edges = edges, .features = 1, .classes = 12, .split_train = -1};
    struct hg_comm alone;
    struct hg_node_table rows;
    struct hg_cells cells;
    assert_ok(hg_comm_create(MPI_COMM_SELF, &alone));
    const int64_t halo = halo_of(&hg_test_comm, &generate, HG_PARTITION_CLUSTER, &cells, &rows);
    if (hg_test_comm.rank == 0) check_same(&alone, &generate, &cells, &rows);
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
    hg_comm_destroy(&alone);
    if (hg_test_comm.size > 1) return; /* the result is the same: one comparison suffices */
    const int64_t metis = halo_alone(&hg_test_comm, &generate, HG_PARTITION_METIS),
                  block = halo_alone(&hg_test_comm, &generate, HG_PARTITION_BLOCK),
                  random = halo_alone(&hg_test_comm, &generate, HG_PARTITION_RANDOM);
    if ((double)halo > limit * (double)metis || halo > block || halo > random)
        fail_msg("%s: %lld halo rows, METIS %lld, blocks %lld, random %lld", hg_generator_name[kind],
                 (long long)halo, (long long)metis, (long long)block, (long long)random);
}

/* Cell 0 has nine tenths of the nodes, cell 1 the others: pieces of cell 0 are consecutive nodes of about the mean
 * weight, and cell 1 stays. */
static void test_split(void **state)
{
    enum { PIECES = 12, MOST = 64 };
    struct hg_node_table rows;
    struct hg_level level;
    uint32_t part[LIST_NODES];
    int64_t label[LIST_NODES] = {0}, weight[MOST] = {0}, parts = 2, heavy = 0, heaviest = 0, seen = 0;
    (void)state;
    list_symmetric(&list, 200, 0);
    make_level(&rows, &level);
    for (int64_t v = 0; v < level.owned; v++) {
        part[v] = hg_level_id(&level, v) >= 180;
        heaviest = hg_max_i64(heaviest, level.weight[v]);
        heavy += part[v] == 0 ? level.weight[v] : 0;
    }
    hg_comm_sum_i64(&hg_test_comm, &heavy, 1);
    hg_comm_max_i64(&hg_test_comm, &heaviest, 1);
    const uint32_t mean = (uint32_t)(heavy / PIECES) + 1;
    assert_ok(hg_cells_split(&level, mean, part, &parts));
    assert_in_range(parts, PIECES, PIECES + 4);
    for (int64_t v = 0; v < level.owned; v++) {
        label[hg_level_id(&level, v)] = part[v];
        weight[part[v]] += level.weight[v];
    }
    hg_comm_sum_i64(&hg_test_comm, label, list.nodes);
    hg_comm_sum_i64(&hg_test_comm, weight, MOST);
    for (int i = 0; i < 180; i++) {
        assert_true(label[i] != 1 && (i == 0 || label[i] == label[i - 1] || label[i] > seen));
        seen = hg_max_i64(seen, label[i]);
    }
    assert_int_equal(label[0], 0);
    for (int64_t c = 0; c < parts; c++)
        if (c != 1) assert_in_range(weight[c], mean - 2 * heaviest, mean + 2 * heaviest);
    for (int i = 180; i < list.nodes; i++) assert_true((label[i] == 1) == (weight[1] > 0));
    hg_level_destroy(&level);
    hg_node_table_destroy(&rows);
}

/* Cells of the list's nodes by several levels of clusters: part [nodes] of all ranks. One allocation of the last rank
 * fails (hg_mem_fail_at). */
static hg_status divide_levels(const struct hg_comm *comm, int64_t fail_at, int64_t *parts, int64_t *part)
{
    const struct hg_cluster_options options = {.coarsest_edges = 100};
    struct hg_node_table rows;
    struct hg_level level;
    uint32_t *cell = NULL;
    list_rows(comm, &list, &rows);
    if (comm->rank == comm->size - 1) hg_mem_fail_at(fail_at);
    hg_status status = hg_level_from_rows(comm, &rows, NULL, &level);
    if (status == HG_OK) status = hg_cluster_cells(&level, &options, parts, &cell);
    for (int i = 0; i < list.nodes; i++) part[i] = 0;
    for (int64_t v = 0; status == HG_OK && v < level.owned; v++) part[hg_level_id(&level, v)] = cell[v];
    if (status == HG_OK) hg_comm_sum_i64(comm, part, list.nodes);
    hg_mem_fail_at(-1);
    hg_mem_free(cell);
    hg_level_destroy(&level);
    hg_node_table_destroy(&rows);
    return status;
}

/* Cells of clusters are the same on one rank and on all, and no allocation that fails is overlooked. */
static void test_levels(void **state)
{
    struct hg_comm alone;
    int64_t part[LIST_NODES], same[LIST_NODES], parts = 2, again = 2;
    (void)state;
    list_symmetric(&list, 200, 0);
    assert_ok(hg_comm_create(MPI_COMM_SELF, &alone));
    assert_ok(divide_levels(&hg_test_comm, -1, &parts, part));
    assert_ok(divide_levels(&alone, -1, &again, same));
    hg_comm_destroy(&alone);
    assert_int_equal(parts, again);
    assert_memory_equal(part, same, (size_t)list.nodes * sizeof *part);
    for (int i = 0; i < list.nodes; i++) assert_in_range(part[i], 0, parts - 1);
    for (int64_t k = 0, failed = 1; failed; k += 1 + k / 20) {
        const int64_t live = hg_mem_live();
        parts = 2;
        const hg_status status = divide_levels(&hg_test_comm, k, &parts, part);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
        assert_true(status == HG_OK || status == HG_NOMEM);
        failed = status != HG_OK;
    }
}

static void test_quality(void **state)
{
    (void)state;
    check_quality(HG_GENERATE_RMAT, 4096, 20000, 1.35);
    check_quality(HG_GENERATE_SBM, 3000, 15000, 1.35);
    check_quality(HG_GENERATE_GRID, 4900, 0, 1.35);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(test_level),  cmocka_unit_test(test_clusters),
                                          cmocka_unit_test(test_sample), cmocka_unit_test(test_split),
                                          cmocka_unit_test(test_levels), cmocka_unit_test(test_quality)};

HG_TEST_MAIN(tests)
