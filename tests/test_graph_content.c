/* The identity of a graph: content_sha256 against a twin that hashes the rows as docs/formats.md says, for any order
 * of rows and any number of ranks. And the quick check that every edge has its reverse, against an exact check. */
#include "graph_sample.h"
#include "scratch.h"

#include "generate/generate.h"
#include "graph/rows_from_edges.h"
#include "io/graph_file.h"
#include "io/hdf5/h5.h"
#include <nettle/sha2.h>

enum { BLOCK = 65536 };

static char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];

static int setup(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static bool dealt(hg_gid place, const void *context)
{
    const struct hg_comm *comm = context;
    return (int)(place / 4 % comm->size) == comm->rank;
}

static bool every(hg_gid place, const void *context)
{
    (void)place, (void)context;
    return true;
}

static void write_sample(const struct sample *s)
{
    struct hg_node_table rows = sample_rows(s, dealt, &hg_test_comm);
    struct hg_cells cells = sample_cells(s);
    assert_ok(hg_graph_file_write(&hg_test_comm, path, &rows, s->cells ? &cells : NULL));
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
}

/* content_sha256 of the file. */
static void read_content(char content[65])
{
    struct hg_graph_info info;
    struct hg_cells cells;
    assert_ok(hg_graph_file_open(&hg_test_comm, path, &info, &cells));
    memcpy(content, info.content, 65);
    hg_graph_info_destroy(&info);
    hg_cells_destroy(&cells);
}

static void add(struct sha256_ctx *context, const void *data, size_t bytes)
{
    if (bytes > 0) sha256_update(context, bytes, data);
}

/* Hash of row i of the whole graph in imported order. */
static void twin_node(const struct hg_node_table *rows, int64_t i, uint8_t digest[SHA256_DIGEST_SIZE])
{
    struct sha256_ctx context;
    const struct hg_graph_info *info = &rows->info;
    const int64_t degree = rows->indptr[i + 1] - rows->indptr[i], fe = info->num_edge_features;
    sha256_init(&context);
    add(&context, &degree, 8);
    for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) add(&context, &rows->indices[e], 8);
    if (fe > 0)
        add(&context, rows->edge_attr + rows->indptr[i] * fe, (size_t)(degree * fe) * sizeof(hg_real));
    if (info->sparse) {
        const int64_t first = rows->x.indptr[i], values = rows->x.indptr[i + 1] - first;
        add(&context, &values, 8);
        for (int64_t k = 0; k < values; k++) add(&context, (const int64_t[]){rows->x.indices[first + k]}, 8);
        add(&context, rows->x.data + first, (size_t)values * sizeof(hg_real));
    } else {
        add(&context, rows->x.dense + i * info->num_features, (size_t)info->num_features * sizeof(hg_real));
    }
    const size_t outputs = (size_t)info->num_outputs;
    if (rows->y_class != NULL) add(&context, &rows->y_class[i], 4);
    if (rows->y_label != NULL) add(&context, rows->y_label + (size_t)i * outputs, outputs);
    if (rows->y_target != NULL)
        add(&context, rows->y_target + (size_t)i * outputs, outputs * sizeof(hg_real));
    for (int s = 0; s < HG_SPLITS; s++)
        if (rows->mask[s] != NULL)
            add(&context, rows->mask[s] + i * info->num_splits, (size_t)info->num_splits);
    sha256_digest(&context, SHA256_DIGEST_SIZE, digest);
}

static void twin_header(const struct hg_graph_info *info, char *text, size_t size)
{
    static const char *const label_type[HG_TASKS] = {"i4", "u1", sizeof(hg_real) == 4 ? "f4" : "f8"};
    const char *real = label_type[HG_REGRESSION];
    size_t n = (size_t)snprintf(text, size, "halogat content 1\nnodes %lld\nedges %lld\n",
                                (long long)info->num_nodes, (long long)info->num_edges);
    if (info->num_edge_features > 0)
        n += (size_t)snprintf(text + n, size - n, "edge_attr %lld %s\n", (long long)info->num_edge_features,
                              real);
    n += (size_t)snprintf(text + n, size - n, "%s %lld %s\n", info->sparse ? "x_csr" : "x",
                          (long long)info->num_features, real);
    n += (size_t)snprintf(text + n, size - n, "%s %lld %s\n", hg_task_name[info->task],
                          (long long)info->num_outputs, label_type[info->task]);
    for (int s = 0; s < HG_SPLITS; s++)
        if (info->has_split[s])
            n += (size_t)snprintf(text + n, size - n, "%s %lld\n", hg_split_name[s],
                                  (long long)info->num_splits);
}

static void twin(const struct hg_node_table *rows, char content[65])
{
    struct sha256_ctx graph, block;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char header[512];
    twin_header(&rows->info, header, sizeof header);
    sha256_init(&graph);
    for (int64_t first = 0; first < rows->count; first += BLOCK) {
        sha256_init(&block);
        add(&block, header, strlen(header));
        for (int64_t i = first; i < hg_min_i64(first + BLOCK, rows->count); i++) {
            twin_node(rows, i, digest);
            add(&block, digest, sizeof digest);
        }
        sha256_digest(&block, sizeof digest, digest);
        add(&graph, digest, sizeof digest);
    }
    sha256_digest(&graph, sizeof digest, digest);
    for (size_t k = 0; k < sizeof digest; k++) snprintf(content + 2 * k, 3, "%02x", digest[k]);
}

/* Files of every kind of graph, in imported order and in cell order, and their check by info --check. */
static void names_contents(void **state)
{
    (void)state;
    for (int k = 0; k < SAMPLES; k++)
        for (int ordered = 0; ordered < 2; ordered++) {
            struct sample s = samples[k];
            char expected[65], content[65];
            s.cells = false;
            struct hg_node_table rows = sample_rows(&s, every, NULL);
            twin(&rows, expected);
            hg_node_table_destroy(&rows);
            s.cells = ordered != 0;
            write_sample(&s);
            read_content(content);
            assert_string_equal(content, expected);
            assert_ok(hg_graph_file_check(&hg_test_comm, path));
            hg_comm_barrier(&hg_test_comm);
        }
}

/* Several blocks, on several ranks. */
static void many_blocks(void **state)
{
    (void)state;
    const struct hg_generate_options options = {.kind = HG_GENERATE_RMAT,
                                                .nodes = 2 * BLOCK + 17,
                                                .edges = 30000,
                                                .features = 2,
                                                .classes = 3,
                                                .seed = 9,
                                                .split_train = -1};
    struct hg_node_table rows = {0};
    struct hg_comm self;
    char expected[65], content[65];
    assert_ok(hg_generate(&hg_test_comm, &options, &rows));
    assert_ok(hg_graph_file_write(&hg_test_comm, path, &rows, NULL));
    hg_node_table_destroy(&rows);
    assert_ok(hg_comm_create(MPI_COMM_SELF, &self));
    rows = (struct hg_node_table){0};
    assert_ok(hg_generate(&self, &options, &rows));
    twin(&rows, expected);
    hg_node_table_destroy(&rows);
    hg_comm_destroy(&self);
    read_content(content);
    assert_string_equal(content, expected);
}

/* A change of any single number of the content is noticed. Names, counts of edges and the like are not content. */
static void notices_changes(void **state)
{
    (void)state;
    static const struct {
        const char *set;
        enum hg_h5_type type;
        bool content;
        double number;
    } cases[] = {
        {"/graph/edge_attr", HG_H5_REAL, true, 7.5}, {"/node/x", HG_H5_REAL, true, 0.125},
        {"/node/y", HG_H5_INT32, true, 1},           {"/node/split/val", HG_H5_TRUTH, true, 1},
        {"/graph/edge_id", HG_H5_INT64, false, 5},   {"/node/graph", HG_H5_INT32, false, 3},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        write_sample(&samples[1]);
        if (hg_test_comm.rank == 0) {
            const hg_real real[3] = {(hg_real)cases[k].number, 0, 0};
            const int32_t small[3] = {(int32_t)cases[k].number, 0, 0};
            const int64_t large[3] = {(int64_t)cases[k].number, 0, 0};
            const uint8_t truth[3] = {(uint8_t)cases[k].number, 1, 0};
            const void *const data[HG_H5_TYPES] = {
                [HG_H5_REAL] = real, [HG_H5_INT32] = small, [HG_H5_INT64] = large, [HG_H5_TRUTH] = truth};
            struct hg_h5 file;
            assert_ok(hg_h5_open_writable(path, path, &file));
            assert_ok(hg_h5_write_rows(&file, cases[k].set, cases[k].type, (struct hg_range){40, 41},
                                       data[cases[k].type]));
            assert_ok(hg_h5_finish(&file, HG_OK));
        }
        hg_comm_barrier(&hg_test_comm);
        if (cases[k].content)
            assert_fails(hg_graph_file_check(&hg_test_comm, path), "graph.h5: its contents were changed");
        else
            assert_ok(hg_graph_file_check(&hg_test_comm, path));
        hg_comm_barrier(&hg_test_comm);
    }
}

/* A small number from a counter. */
static int64_t draw(uint64_t *counter, int64_t below)
{
    uint64_t x = ++*counter * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
    return (int64_t)((x ^ (x >> 32)) % (uint64_t)below);
}

/* Random edges of a small graph that is often but not always symmetric: some pairs, each direction, with few
 * different features. */
static void draw_edges(uint64_t *counter, hg_gid nodes, int64_t cols, struct hg_edges *edges)
{
    const int64_t pairs = draw(counter, 5);
    edges->attr_cols = cols;
    for (int64_t k = 0; k < pairs; k++) {
        const hg_gid a = draw(counter, nodes), b = draw(counter, nodes);
        const hg_real there[2] = {(hg_real)draw(counter, 2), 1},
                      back[2] = {draw(counter, 6) == 0 ? (hg_real)2 : there[0], 1};
        assert_ok(hg_edges_append(edges, a, b, 2 * k, there));
        if (draw(counter, 6) > 0) assert_ok(hg_edges_append(edges, b, a, 2 * k + 1, back));
    }
}

static void sees_asymmetry(void **state)
{
    (void)state;
    uint64_t counter = 0;
    int symmetric = 0;
    enum { TRIALS = 400 };
    for (int trial = 0; trial < TRIALS; trial++) {
        struct hg_edges edges = {0};
        struct hg_node_table rows = {.info = {.num_nodes = 2 + draw(&counter, 4)}};
        const struct hg_build_options options = {0};
        struct hg_edges all = {0};
        draw_edges(&counter, rows.info.num_nodes, trial % 3, &all);
        edges.attr_cols = trial % 3;
        for (int64_t k = 0; k < all.count; k++)
            if (k % hg_test_comm.size == hg_test_comm.rank)
                assert_ok(hg_edges_append(&edges, hg_edges_at(&all, k).source, hg_edges_at(&all, k).target,
                                          hg_edges_id(&all, k),
                                          all.attr_cols > 0 ? all.attr + k * all.attr_cols : NULL));
        hg_edges_destroy(&all);
        assert_ok(hg_build_rows(&hg_test_comm, &edges, &options, &rows));
        const bool exact = rows.info.symmetric;
        rows.info.symmetric = true;
        const hg_status found = hg_graph_file_check_symmetric(&hg_test_comm, "g.h5", &rows);
        if (exact)
            assert_ok(found);
        else
            assert_fails(found, "g.h5: it says symmetric, but its edges are not those of its reverse");
        symmetric += exact;
        hg_node_table_destroy(&rows);
    }
    assert_in_range(symmetric, TRIALS / 5, TRIALS - TRIALS / 5);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(names_contents, setup, teardown),
    cmocka_unit_test_setup_teardown(many_blocks, setup, teardown),
    cmocka_unit_test_setup_teardown(notices_changes, setup, teardown),
    cmocka_unit_test(sees_asymmetry),
};

HG_TEST_MAIN(tests)
