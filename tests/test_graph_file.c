/* Graph files: what is written is read back, by any number of ranks, whatever the order of the writers' rows. */
#include "graph_sample.h"
#include "scratch.h"

#include "io/graph_file.h"
#include "io/hdf5/h5.h"
#include <signal.h>
#include <sys/resource.h>

/* Stored ids given in runs of 4 to all ranks but the first few. */
struct deal {
    int rank, size, empty;
};

static bool dealt(hg_gid place, const void *context)
{
    const struct deal *d = context;
    const int empty = d->empty < d->size ? d->empty : d->size - 1;
    return (int)(place / 4 % (d->size - empty)) + empty == d->rank;
}

static bool listed(hg_gid place, const void *context)
{
    for (const struct hg_range *r = context; r->end > 0; r++)
        if (place >= r->first && place < r->end) return true;
    return false;
}

static struct hg_node_table dealt_rows(const struct hg_comm *comm, const struct sample *s)
{
    const struct deal deal = {comm->rank, comm->size, s->empty_ranks};
    return sample_rows(s, dealt, &deal);
}

/* Writes the sample from all ranks of comm. */
static hg_status write_sample(const struct hg_comm *comm, const struct sample *s, const char *path)
{
    struct hg_node_table rows = dealt_rows(comm, s);
    struct hg_cells cells = sample_cells(s);
    const hg_status status = hg_graph_file_write(comm, path, &rows, s->cells ? &cells : NULL);
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
    return status;
}

static void assert_same_bytes(const char *what, const void *a, const void *b, size_t bytes)
{
    if ((a == NULL) != (b == NULL) || (a != NULL && memcmp(a, b, bytes) != 0)) fail_msg("%s differs", what);
}

static void assert_same_info(const struct hg_graph_info *a, const struct hg_graph_info *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->task, b->task);
    assert_int_equal(a->num_nodes, b->num_nodes);
    assert_int_equal(a->num_edges, b->num_edges);
    assert_int_equal(a->num_features, b->num_features);
    assert_int_equal(a->num_outputs, b->num_outputs);
    assert_int_equal(a->num_edge_features, b->num_edge_features);
    assert_int_equal(a->num_splits, b->num_splits);
    assert_int_equal(a->symmetric, b->symmetric);
    assert_int_equal(a->sparse, b->sparse);
    assert_int_equal(a->has_labels, b->has_labels);
    assert_int_equal(a->has_graph, b->has_graph);
    assert_int_equal(a->name_bytes, b->name_bytes);
    assert_int_equal(a->class_bytes, b->class_bytes);
    assert_memory_equal(a->has_split, b->has_split, sizeof a->has_split);
    assert_same_bytes("class names", a->class_name, b->class_name, (size_t)(a->class_bytes * a->num_outputs));
}

static void assert_same_rows(const struct hg_node_table *a, const struct hg_node_table *b)
{
    struct hg_row_array of_a[HG_ROW_ARRAYS], of_b[HG_ROW_ARRAYS];
    assert_same_info(&a->info, &b->info);
    assert_int_equal(a->count, b->count);
    const size_t rows = (size_t)a->count;
    assert_same_bytes("stored", a->stored, b->stored, rows * sizeof *a->stored);
    assert_same_bytes("imported", a->imported, b->imported, rows * sizeof *a->imported);
    assert_same_bytes("indptr", a->indptr, b->indptr, (rows + 1) * sizeof *a->indptr);
    const size_t edges = (size_t)hg_node_table_edges(a);
    assert_same_bytes("indices", a->indices, b->indices, edges * sizeof *a->indices);
    assert_same_bytes("edge_id", a->edge_id, b->edge_id, edges * sizeof *a->edge_id);
    assert_same_bytes("edge_attr", a->edge_attr, b->edge_attr,
                      edges * (size_t)a->info.num_edge_features * sizeof(hg_real));
    const int n = hg_node_table_arrays(a, of_a);
    assert_int_equal(n, hg_node_table_arrays(b, of_b));
    for (int k = 0; k < n; k++)
        assert_same_bytes(of_a[k].path, of_a[k].data, of_b[k].data, rows * of_a[k].bytes);
    if (!a->info.sparse) return;
    assert_same_bytes("x indptr", a->x.indptr, b->x.indptr, (rows + 1) * sizeof(hg_eid));
    const size_t values = (size_t)a->x.indptr[a->count];
    assert_same_bytes("x indices", a->x.indices, b->x.indices, values * sizeof(int32_t));
    assert_same_bytes("x data", a->x.data, b->x.data, values * sizeof(hg_real));
}

/* Reads ranges (a list that ends with an empty range) by comm, and compares. */
static void check_ranges(const struct hg_comm *comm, const char *path, const struct sample *s,
                         const struct hg_range *ranges)
{
    struct hg_node_table found, expected = sample_rows(s, listed, ranges);
    int64_t n = 0;
    while (ranges[n].end > 0) n++;
    assert_ok(hg_graph_file_read(comm, path, ranges, n, HG_READ_EDGE_IDS, &found));
    assert_same_rows(&found, &expected);
    hg_node_table_destroy(&found);
    hg_node_table_destroy(&expected);
}

static void check_open(const char *path, const struct sample *s)
{
    struct hg_graph_info info, expected = sample_info(s);
    struct hg_cells found, cells = sample_cells(s);
    assert_ok(hg_graph_file_open(&hg_test_comm, path, &info, &found));
    assert_same_info(&info, &expected);
    assert_int_equal(found.count, s->cells ? SAMPLE_CELLS : 0);
    if (s->cells) {
        assert_memory_equal(found.offsets, cells.offsets, (SAMPLE_CELLS + 1) * sizeof(hg_gid));
        assert_memory_equal(found.edges, cells.edges, SAMPLE_CELLS * sizeof(int64_t));
        assert_memory_equal(found.indptr, cells.indptr, (SAMPLE_CELLS + 1) * sizeof(int64_t));
        assert_memory_equal(found.indices, cells.indices,
                            (size_t)cells.indptr[SAMPLE_CELLS] * sizeof(int64_t));
        assert_memory_equal(found.weight, cells.weight, (size_t)cells.indptr[SAMPLE_CELLS] * sizeof(int64_t));
        assert_int_equal(found.nets.count, SAMPLE_CELLS - 1);
        assert_memory_equal(found.nets.indptr, cells.nets.indptr, SAMPLE_CELLS * sizeof(int64_t));
        assert_memory_equal(found.nets.cells, cells.nets.cells, 2 * (SAMPLE_CELLS - 1) * sizeof(int64_t));
        assert_memory_equal(found.nets.rows, cells.nets.rows, (SAMPLE_CELLS - 1) * sizeof(int64_t));
    }
    hg_graph_info_destroy(&info);
    hg_graph_info_destroy(&expected);
    hg_cells_destroy(&found);
    hg_cells_destroy(&cells);
}

static void round_trip(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    struct hg_comm self;
    const int rank = hg_test_comm.rank;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    assert_ok(hg_comm_create(MPI_COMM_SELF, &self));
    for (int k = 0; k < SAMPLES; k++) {
        const struct hg_range block = hg_block_range(SAMPLE_NODES, rank, hg_test_comm.size);
        const struct hg_range mine[] = {block, {0, 0}}, whole[] = {{0, SAMPLE_NODES}, {0, 0}},
                              none[] = {{0, 0}};
        const struct hg_range scattered[] = {{rank, rank + 3},
                                             {rank + 3, 20},
                                             {31, 31},
                                             {40, 41 + rank},
                                             {SAMPLE_NODES - 1, SAMPLE_NODES},
                                             {0, 0}};
        assert_ok(write_sample(&hg_test_comm, &samples[k], path));
        assert_int_equal(scratch_files(folder), 1);
        check_open(path, &samples[k]);
        check_ranges(&hg_test_comm, path, &samples[k], mine);
        check_ranges(&hg_test_comm, path, &samples[k], rank % 2 == 0 ? none : scattered);
        check_ranges(&self, path, &samples[k], whole);
        assert_ok(hg_graph_file_check(&hg_test_comm, path));
        hg_comm_barrier(&hg_test_comm);
    }
    hg_comm_destroy(&self);
    scratch_remove(folder);
}

/* One rank and all ranks write the same bytes. */
static void same_file(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], all[SCRATCH_BYTES + 16], one[SCRATCH_BYTES + 16];
    struct hg_comm self;
    scratch_make(folder);
    snprintf(all, sizeof all, "%s/all.h5", folder);
    snprintf(one, sizeof one, "%s/one-%d.h5", folder, hg_test_comm.rank);
    assert_ok(hg_comm_create(MPI_COMM_SELF, &self));
    for (int k = 0; k < SAMPLES; k++) {
        struct sample s = samples[k];
        size_t bytes[2];
        assert_ok(write_sample(&hg_test_comm, &s, all));
        s.empty_ranks = 0;
        assert_ok(write_sample(&self, &s, one));
        char *a = scratch_read(all, &bytes[0]), *b = scratch_read(one, &bytes[1]);
        assert_int_equal(bytes[0], bytes[1]);
        assert_memory_equal(a, b, bytes[0]);
        hg_mem_free(a);
        hg_mem_free(b);
        hg_comm_barrier(&hg_test_comm);
    }
    hg_comm_destroy(&self);
    scratch_remove(folder);
}

static void assert_shape(const struct hg_h5 *file, const char *name, unsigned class, size_t bytes, int dims,
                         int64_t first, int64_t second)
{
    struct hg_h5_shape shape;
    assert_ok(hg_h5_describe(file, name, &shape));
    if (shape.classes != class || shape.bytes != bytes || shape.dims != dims || shape.size[0] != first ||
        (dims > 1 && shape.size[1] != second))
        fail_msg("%s: class %u of %zu bytes, %d dims", name, shape.classes, shape.bytes, shape.dims);
}

/* Types and shapes are those of docs/formats.md. */
static void structure(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    const struct sample *s = &samples[1];
    struct hg_h5 file;
    int64_t value = 0;
    bool found = false;
    char *text = NULL;
    const int64_t n = SAMPLE_NODES;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    assert_ok(write_sample(&hg_test_comm, s, path));
    assert_ok(hg_h5_open(path, &file));
    assert_ok(hg_h5_get_int(&file, "num_edges", &value, &found));
    assert_true(found);
    assert_shape(&file, "/graph/indptr", HG_H5_INTEGER, 8, 1, n + 1, 0);
    assert_shape(&file, "/graph/indices", HG_H5_INTEGER, 4, 1, value, 0);
    assert_shape(&file, "/graph/edge_id", HG_H5_INTEGER, 8, 1, value, 0);
    assert_shape(&file, "/graph/edge_attr", HG_H5_FLOAT, sizeof(hg_real), 2, value, 2);
    assert_shape(&file, "/node/x", HG_H5_FLOAT, sizeof(hg_real), 2, n, 3);
    assert_shape(&file, "/node/y", HG_H5_INTEGER, 4, 1, n, 0);
    assert_shape(&file, "/node/split/val", HG_H5_BOOL, 1, 2, n, 3);
    assert_shape(&file, "/node/graph", HG_H5_INTEGER, 4, 1, n, 0);
    assert_shape(&file, "/node/name", HG_H5_STRING, 9, 1, n, 0);
    assert_shape(&file, "/node/class_name", HG_H5_STRING, 6, 1, 4, 0);
    assert_shape(&file, "/node/original", HG_H5_INTEGER, 8, 1, n, 0);
    assert_shape(&file, "/cells/offsets", HG_H5_INTEGER, 8, 1, SAMPLE_CELLS + 1, 0);
    assert_ok(hg_h5_get_text(&file, "format", &text));
    assert_string_equal(text, "halogat-graph");
    hg_mem_free(text);
    hg_h5_close(&file);
    scratch_remove(folder);
}

/* Writes another sample while this rank (if `here`) cannot write beyond 4 kB of a file: it must fail. */
static void write_limited(bool here, const char *path)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    const struct rlimit small = {4096, limit.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    if (here) setrlimit(RLIMIT_FSIZE, &small);
    const hg_status status = write_sample(&hg_test_comm, &samples[1], path);
    setrlimit(RLIMIT_FSIZE, &limit);
    signal(SIGXFSZ, SIG_DFL);
    assert_fails(status, "graph.h5: ");
}

/* A failed write leaves the old file, and no other file beside it. */
static void failed_write(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    size_t before, after;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    assert_ok(write_sample(&hg_test_comm, &samples[0], path));
    char *old = scratch_read(path, &before);
    hg_comm_barrier(&hg_test_comm);

    /* no file can grow: first on rank 0, which creates the new file, then on the last rank, which writes rows */
    write_limited(hg_test_comm.rank == 0, path);
    write_limited(hg_test_comm.rank == hg_test_comm.size - 1, path);

    char *new = scratch_read(path, &after);
    assert_int_equal(before, after);
    assert_memory_equal(old, new, before);
    assert_int_equal(scratch_files(folder), 1);
    hg_mem_free(old);
    hg_mem_free(new);
    snprintf(path, sizeof path, "%s/no/graph.h5", folder);
    assert_fails(write_sample(&hg_test_comm, &samples[0], path), "No such file or directory");
    assert_fails(write_sample(&hg_test_comm, &samples[0], folder), "is a folder, not a file");
    scratch_remove(folder);
}

/* Rows that do not make up the whole graph, each row once, are refused. */
static void incomplete_rows(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    const struct hg_range all_but_one[] = {{0, SAMPLE_NODES - 1}, {0, 0}},
                          twice[] = {{0, SAMPLE_NODES}, {0, 0}};
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    struct hg_node_table rows = sample_rows(&samples[0], listed, all_but_one);
    assert_fails(hg_graph_file_write(&hg_test_comm, path, &rows, NULL), "not the whole graph");
    hg_node_table_destroy(&rows);
    if (hg_test_comm.size > 1) {
        rows = sample_rows(&samples[0], listed, twice);
        assert_fails(hg_graph_file_write(&hg_test_comm, path, &rows, NULL), "not the whole graph");
        hg_node_table_destroy(&rows);
    }
    assert_int_equal(scratch_files(folder), 0);
    scratch_remove(folder);
}

static hg_status open_read_check(const char *path)
{
    const struct hg_range block = hg_block_range(SAMPLE_NODES, hg_test_comm.rank, hg_test_comm.size);
    struct hg_graph_info info;
    struct hg_cells cells;
    struct hg_node_table rows;
    HG_TRY(hg_graph_file_open(&hg_test_comm, path, &info, &cells));
    hg_graph_info_destroy(&info);
    hg_cells_destroy(&cells);
    HG_TRY(hg_graph_file_read(&hg_test_comm, path, &block, 1, HG_READ_EDGE_IDS, &rows));
    hg_node_table_destroy(&rows);
    return hg_graph_file_check(&hg_test_comm, path);
}

/* The k-th allocation of the last rank fails, for every k: all ranks return the same failure, no memory block leaks,
 * and no file is left. */
static void no_memory(void **state)
{
    (void)state;
    char folder[SCRATCH_BYTES], path[SCRATCH_BYTES + 16];
    const bool last = hg_test_comm.rank == hg_test_comm.size - 1;
    struct hg_node_table rows = dealt_rows(&hg_test_comm, &samples[2]);
    struct hg_cells cells = sample_cells(&samples[2]);
    const int64_t alive = hg_mem_live();
    hg_status status = HG_NOMEM;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    for (int64_t k = 0; status != HG_OK; k++) {
        assert_int_equal(scratch_files(folder), 0);
        assert_true(k < 1000);
        hg_comm_barrier(&hg_test_comm);
        hg_mem_fail_at(last ? k : -1);
        status = hg_graph_file_write(&hg_test_comm, path, &rows, &cells);
        hg_mem_fail_at(-1);
        assert_int_equal(hg_mem_live(), alive);
        if (status != HG_OK) assert_fails(status, "out of memory");
    }
    status = HG_NOMEM;
    for (int64_t k = 0; status != HG_OK; k++) {
        assert_true(k < 1000);
        hg_mem_fail_at(last ? k : -1);
        status = open_read_check(path);
        hg_mem_fail_at(-1);
        assert_int_equal(hg_mem_live(), alive);
        if (status != HG_OK) assert_fails(status, "out of memory");
    }
    hg_node_table_destroy(&rows);
    hg_cells_destroy(&cells);
    scratch_remove(folder);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(round_trip),   cmocka_unit_test(same_file),       cmocka_unit_test(structure),
    cmocka_unit_test(failed_write), cmocka_unit_test(incomplete_rows), cmocka_unit_test(no_memory),
};

HG_TEST_MAIN(tests)
