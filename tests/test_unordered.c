/* Graph files in imported order are put into cell order chunk by chunk and window by window: the same file as from rows
 * that are in memory. */
#include "graph_sample.h"
#include "ordered.h"
#include "scratch.h"

#include "io/graph_file.h"
#include "train/unordered.h"

static char folder[SCRATCH_BYTES], imported[SCRATCH_BYTES + 16], written[SCRATCH_BYTES + 16],
    expected[SCRATCH_BYTES + 16];

static bool in_block(hg_gid id, const void *context)
{
    const struct hg_range *block = context;
    return id >= block->first && id < block->end;
}

/* The sample's rows in imported order, in blocks of the ranks of comm. */
static struct hg_node_table block_rows(const struct hg_comm *comm, const struct sample *s)
{
    struct sample plain = *s;
    const struct hg_range block = hg_block_range(SAMPLE_NODES, comm->rank, comm->size);
    plain.cells = false;
    return sample_rows(&plain, in_block, &block);
}

static void write_imported(const struct sample *s)
{
    struct hg_node_table rows = block_rows(&hg_test_comm, s);
    assert_ok(hg_graph_file_write(&hg_test_comm, imported, &rows, NULL));
    hg_node_table_destroy(&rows);
}

/* On rank 0: the file as it is written from rows in memory. */
static void write_expected(const struct sample *s, const struct hg_data_options *options)
{
    const struct hg_comm self = {.mpi = MPI_COMM_SELF, .size = 1};
    const struct hg_partition_options how = {.method = options->partitioner, .cells = options->cells};
    struct hg_cells cells;
    struct hg_node_table rows = block_rows(&self, s);
    assert_ok(ordered_rows(&self, &how, &rows, &cells));
    assert_ok(hg_graph_file_write(&self, expected, &rows, &cells));
    hg_cells_destroy(&cells);
    hg_node_table_destroy(&rows);
}

/* Reads the imported file and writes it in cell order. */
static hg_status order(const struct hg_data_options *options, int64_t chunk, int64_t window)
{
    struct hg_graph_info info = {0};
    struct hg_cells cells = {0};
    struct hg_unordered graph = {.chunk_bytes = chunk, .window_bytes = window};
    hg_status status = hg_graph_file_open(&hg_test_comm, imported, &info, &cells);
    hg_cells_destroy(&cells);
    if (status == HG_OK) status = hg_unordered_read(&hg_test_comm, imported, &info, false, &graph);
    if (status == HG_OK) status = hg_unordered_cells(&graph, options, 0, &cells);
    if (status == HG_OK) status = hg_unordered_write(&graph, &cells, written);
    hg_cells_destroy(&cells);
    hg_unordered_destroy(&graph);
    hg_graph_info_destroy(&info);
    return status;
}

static void assert_same_files(void)
{
    size_t bytes[2];
    char *content[2] = {scratch_read(written, &bytes[0]), scratch_read(expected, &bytes[1])};
    assert_int_equal(bytes[0], bytes[1]);
    assert_memory_equal(content[0], content[1], bytes[0]);
    hg_mem_free(content[0]);
    hg_mem_free(content[1]);
}

/* Several chunks, several windows, and one of both. The cost is that of opening the file for each chunk. */
static void test_windows(void **state)
{
    static const int64_t bytes[][2] = {{1500, 100000}, {100000, 1500}, {0, 0}};
    const struct hg_data_options options = {.partitioner = HG_PARTITION_CLUSTER, .cells = 12};
    (void)state;
    for (int s = 0; s < SAMPLES; s++) {
        write_imported(&samples[s]);
        if (hg_test_comm.rank == 0) write_expected(&samples[s], &options);
        for (int k = 0; k < 3; k++) {
            assert_ok(order(&options, bytes[k][0], bytes[k][1]));
            if (hg_test_comm.rank == 0) assert_same_files();
        }
    }
}

/* A file that is replaced after its edges were read by one with as many of everything. */
static void test_changed(void **state)
{
    const struct hg_data_options options = {.partitioner = HG_PARTITION_BLOCK, .cells = 3};
    struct hg_graph_info info;
    struct hg_cells cells = {0};
    struct hg_unordered graph = {0};
    (void)state;
    write_imported(&samples[0]);
    assert_ok(hg_graph_file_open(&hg_test_comm, imported, &info, &cells));
    assert_ok(hg_unordered_read(&hg_test_comm, imported, &info, false, &graph));
    assert_ok(hg_unordered_cells(&graph, &options, 0, &cells));
    struct hg_node_table rows = block_rows(&hg_test_comm, &samples[0]);
    /* the last rank's last row has one edge less, and the one before it one more */
    if (hg_test_comm.rank == hg_test_comm.size - 1) rows.indptr[rows.count - 1]++;
    assert_ok(hg_graph_file_write(&hg_test_comm, imported, &rows, NULL));
    hg_node_table_destroy(&rows);
    assert_fails(hg_unordered_write(&graph, &cells, written), "changed while it was read");
    hg_cells_destroy(&cells);
    hg_unordered_destroy(&graph);
    hg_graph_info_destroy(&info);
}

/* The k-th allocation of the last rank fails: all ranks return the same failure, nothing leaks, no file is left. */
static void test_failures(void **state)
{
    const struct hg_data_options options = {.partitioner = HG_PARTITION_BLOCK, .cells = 3};
    const int64_t live = hg_mem_live();
    hg_status status = HG_NOMEM;
    (void)state;
    write_imported(&samples[2]);
    for (int64_t k = 0; status != HG_OK; k += 1 + k / 6) {
        hg_mem_fail_at(hg_test_comm.rank == hg_test_comm.size - 1 ? k : -1);
        status = order(&options, 0, 5000);
        hg_mem_fail_at(-1);
        assert_int_equal(hg_mem_live(), live);
        assert_true(k < 10000);
        if (status != HG_OK) assert_fails(status, "out of memory");
    }
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(imported, sizeof imported, "%s/imported.h5", folder);
    snprintf(written, sizeof written, "%s/written.h5", folder);
    snprintf(expected, sizeof expected, "%s/expected.h5", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(test_windows, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(test_changed, make_folder, remove_folder),
    cmocka_unit_test_setup_teardown(test_failures, make_folder, remove_folder),
};

HG_TEST_MAIN(tests)
