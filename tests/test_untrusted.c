/* HDF5 files that refer to other files, or contain something that is not an array of numbers: everything that reads
 * HDF5 refuses them in one line, without opening the other files. A FIFO stands for the other file: opening it would
 * wait for ever. */
#include "import_sample.h"

#include "io/checkpoint.h"
#include "io/checkpoint_check.h"
#include "io/graph_file.h"
#include <hdf5.h>
#include <math.h>
#include <sys/stat.h>

enum { EXTENT = 4 };

static char folder[SCRATCH_BYTES], path[2 * SCRATCH_BYTES], fifo[2 * SCRATCH_BYTES];

static hid_t vector(hsize_t size)
{
    return H5Screate_simple(1, &size, NULL);
}

static void make_set(hid_t file, const char *name, hid_t type, hid_t space, hid_t how)
{
    const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    assert_true(set >= 0);
    H5Dclose(set);
    H5Sclose(space);
    if (how != H5P_DEFAULT) H5Pclose(how);
}

static void external_link(hid_t file, const char *name)
{
    assert_true(H5Lcreate_external(fifo, "/x", file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void soft_link_out(hid_t file, const char *name)
{
    assert_true(H5Lcreate_soft("/zzz/x", file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    external_link(file, "/zzz");
}

static void soft_link_to_nothing(hid_t file, const char *name)
{
    assert_true(H5Lcreate_soft("/nothing", file, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
}

static void external_data(hid_t file, const char *name)
{
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    assert_true(H5Pset_external(how, fifo, 0, H5F_UNLIMITED) >= 0);
    make_set(file, name, H5T_NATIVE_FLOAT, vector(EXTENT), how);
}

static void virtual_data(hid_t file, const char *name)
{
    const hsize_t none = 0, one = 1, all = H5S_UNLIMITED, size = EXTENT;
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &size, &all);
    assert_true(H5Sselect_hyperslab(space, H5S_SELECT_SET, &none, NULL, &all, &one) >= 0);
    assert_true(H5Pset_virtual(how, space, fifo, "/x", space) >= 0);
    make_set(file, name, H5T_NATIVE_FLOAT, space, how);
}

static void records(hid_t file, const char *name)
{
    const hid_t type = H5Tcreate(H5T_COMPOUND, 8);
    H5Tinsert(type, "re", 0, H5T_NATIVE_FLOAT);
    H5Tinsert(type, "im", 4, H5T_NATIVE_FLOAT);
    make_set(file, name, type, vector(EXTENT), H5P_DEFAULT);
    H5Tclose(type);
}

static void varying_text(hid_t file, const char *name)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    make_set(file, name, type, vector(EXTENT), H5P_DEFAULT);
    H5Tclose(type);
}

static void references(hid_t file, const char *name)
{
    make_set(file, name, H5T_STD_REF_OBJ, vector(EXTENT), H5P_DEFAULT);
}

static void wide_integers(hid_t file, const char *name)
{
    const hid_t type = H5Tcopy(H5T_NATIVE_INT64);
    H5Tset_size(type, 16);
    make_set(file, name, type, vector(EXTENT), H5P_DEFAULT);
    H5Tclose(type);
}

static void make_chunked(hid_t file, const char *name, int dims, hsize_t size)
{
    const hsize_t sizes[4] = {size, size, size, size}, chunk[4] = {4, 4, 4, 4};
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(how, dims, chunk);
    make_set(file, name, H5T_NATIVE_FLOAT, H5Screate_simple(dims, sizes, NULL), how);
}

static void absurd_product(hid_t file, const char *name)
{
    make_chunked(file, name, 2, (hsize_t)1 << 32);
}

static void larger_than_its_file(hid_t file, const char *name)
{
    make_chunked(file, name, 2, 100000);
}

/* An object where an array is expected, and the message about it. */
static const struct twist {
    void (*make)(hid_t file, const char *name);
    const char *message;
} twists[] = {
    {external_link, "is a link to another file"},
    {soft_link_out, "is a link to another file"},
    {soft_link_to_nothing, "is a link to nothing"},
    {external_data, "keeps its data in another file"},
    {virtual_data, "is a virtual data set"},
    {records, ""},
    {varying_text, ""},
    {references, ""},
    {wide_integers, ""},
    {absurd_product, "larger than the file can hold"},
    {larger_than_its_file, "larger than the file can hold"},
};
enum { TWISTS = sizeof twists / sizeof twists[0] };

/* Adds such an object to a file. */
static void add(const char *name, void (*make)(hid_t file, const char *name))
{
    const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    assert_true(file >= 0);
    make(file, name);
    H5Fclose(file);
}

static hg_status import(void)
{
    const struct hg_import_options options = sample_options(path);
    struct hg_node_table rows;
    const hg_status status = hg_import(&hg_test_comm, &options, &rows);
    if (status == HG_OK) hg_node_table_destroy(&rows);
    return status;
}

static void imports_are_refused(void **state)
{
    static const int64_t edges[] = {2, 3}, list[] = {0, 1, 2, 1, 2, 0}, labels[] = {0, 1, 0}, nodes = 3;
    (void)state;
    for (int t = 0; t < TWISTS; t++)
        for (int optional = 0; optional < 2; optional++) { /* also where the array is optional */
            const struct sample_set sets[] = {
                {"edge_index", HG_H5_INT64, 2, {edges[0], edges[1]}, list},
                {"y", HG_H5_INT64, 1, {nodes, 0}, labels},
                {NULL, 0, 0, {0}, NULL},
            };
            sample_hdf5(path, sets);
            if (hg_test_comm.rank == 0) add(optional ? "edge_attr" : "x", twists[t].make);
            hg_comm_barrier(&hg_test_comm);
            assert_fails(import(), twists[t].message);
            hg_comm_barrier(&hg_test_comm);
        }
}

/* Some files, for instance MATLAB's, have a text before HDF5's own bytes. */
static void notes_before_the_file_are_skipped(void **state)
{
    static const int64_t shape[] = {2, 3}, list[] = {0, 1, 2, 1, 2, 0}, labels[] = {0, 1, 0}, nodes = 3;
    (void)state;
    if (hg_test_comm.rank == 0) {
        struct hg_h5 file;
        assert_ok(hg_h5_create_sealed(path, path, &file));
        assert_ok(hg_h5_define(&file, "edge_index", HG_H5_INT64, 0, 2, shape));
        assert_ok(hg_h5_define(&file, "y", HG_H5_INT64, 0, 1, &nodes));
        assert_ok(hg_h5_write_rows(&file, "edge_index", HG_H5_INT64, (struct hg_range){0, 2}, list));
        assert_ok(hg_h5_write_rows(&file, "y", HG_H5_INT64, (struct hg_range){0, 3}, labels));
        assert_ok(hg_h5_finish(&file, HG_OK));
    }
    hg_comm_barrier(&hg_test_comm);
    assert_ok(import());
}

/* A checkpoint without a checksum, as other programs write them. */
static void write_bare(const char *name, hg_real value)
{
    struct hg_h5 file;
    const int64_t size[] = {2, 2};
    const hg_real values[] = {1, 2, value, 4};
    assert_ok(hg_h5_create(path, path, &file));
    assert_ok(hg_h5_set_text(&file, "format", "halogat-checkpoint"));
    assert_ok(hg_h5_set_int(&file, "version", 1));
    assert_ok(hg_h5_define(&file, name, HG_H5_REAL, 0, 2, size));
    assert_ok(hg_h5_write_rows(&file, name, HG_H5_REAL, (struct hg_range){0, 2}, values));
    assert_ok(hg_h5_finish(&file, HG_OK));
}

static hg_status check(void)
{
    struct hg_h5 file;
    HG_TRY(hg_h5_open(path, &file));
    const hg_status status = hg_checkpoint_check(&file);
    hg_h5_close(&file);
    return status;
}

static void checkpoints_are_refused(void **state)
{
    hg_real w[4];
    const struct hg_tensor tensor = {.name = "w", .dims = 2, .shape = {2, 2}, .data = w};
    (void)state;
    for (int t = 0; t < TWISTS; t++) {
        if (hg_test_comm.rank == 0) {
            write_bare("/params/other", 0);
            add("/params/w", twists[t].make);
            assert_fails(check(), twists[t].message);
        }
        hg_comm_barrier(&hg_test_comm);
        assert_fails(hg_checkpoint_read(&hg_test_comm, path, "params", &tensor, 1), twists[t].message);
    }
}

/* Numbers that no computation can use (NaN, infinity, a scale that is not above 0) are refused, in the tensor that is
 * read and anywhere else in the file. */
static void numbers_are_refused(void **state)
{
    static const struct {
        const char *group, *name;
        double value;
        const char *message;
    } cases[] = {
        {"params", "w", NAN, "/params/w has NaN or infinite numbers"},
        {"params", "w", INFINITY, "/params/w has NaN or infinite numbers"},
        {"params", "w", 0, NULL},
        {"statistics", "feature_scale", 0, "/statistics/feature_scale has numbers that are not above 0"},
        {"statistics", "feature_scale", NAN, "/statistics/feature_scale has NaN"},
        {"statistics", "target_unit", -1, "/statistics/target_unit has numbers that are not above 0"},
        {"statistics", "target_shift", -INFINITY, "/statistics/target_shift has NaN"},
        {"statistics", "target_shift", -1, NULL},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char name[64];
        hg_real values[4];
        struct hg_tensor tensor = {.dims = 2, .shape = {2, 2}, .data = values};
        snprintf(name, sizeof name, "/%s/%s", cases[c].group, cases[c].name);
        snprintf(tensor.name, sizeof tensor.name, "%s", cases[c].name);
        if (hg_test_comm.rank == 0) write_bare(name, (hg_real)cases[c].value);
        hg_comm_barrier(&hg_test_comm);
        for (int whole = 0; whole < 2; whole++) {
            hg_status status = HG_OK;
            if (!whole)
                status = hg_checkpoint_read(&hg_test_comm, path, cases[c].group, &tensor, 1);
            else if (hg_test_comm.rank == 0)
                status = check();
            status = hg_agree(&hg_test_comm, status);
            if (cases[c].message == NULL)
                assert_ok(status);
            else
                assert_fails(status, cases[c].message);
        }
    }
}

/* Writes a valid graph of two nodes without features. */
static void write_graph(void)
{
    static const int64_t indptr[] = {0, 1, 2}, indices[] = {1, 0};
    static const char *const numbers[] = {"num_nodes", "num_edges", "num_features", "num_outputs",
                                          "symmetric"};
    static const int64_t values[] = {2, 2, 0, 0, 1}, offsets = 3, edges = 2;
    struct hg_h5 file;
    assert_ok(hg_h5_create(path, path, &file));
    assert_ok(hg_h5_set_text(&file, "format", "halogat-graph"));
    assert_ok(hg_h5_set_text(&file, "task", "single-label"));
    assert_ok(hg_h5_set_int(&file, "version", 1));
    for (int k = 0; k < 5; k++) assert_ok(hg_h5_set_int(&file, numbers[k], values[k]));
    assert_ok(hg_h5_define(&file, "/graph/indptr", HG_H5_INT64, 0, 1, &offsets));
    assert_ok(hg_h5_define(&file, "/graph/indices", HG_H5_INT64, 0, 1, &edges));
    assert_ok(hg_h5_write_rows(&file, "/graph/indptr", HG_H5_INT64, (struct hg_range){0, 3}, indptr));
    assert_ok(hg_h5_write_rows(&file, "/graph/indices", HG_H5_INT64, (struct hg_range){0, 2}, indices));
    assert_ok(hg_h5_finish(&file, HG_OK));
}

static void graphs_are_refused(void **state)
{
    static const char *const places[] = {"/graph/edge_attr", "/graph/edge_id", "/node_name"};
    (void)state;
    if (hg_test_comm.rank == 0) write_graph();
    hg_comm_barrier(&hg_test_comm);
    assert_ok(hg_graph_file_check(&hg_test_comm, path));
    for (int t = 0; t < TWISTS; t++)
        for (int place = 0; place < 3; place++) {
            hg_comm_barrier(&hg_test_comm);
            if (hg_test_comm.rank == 0) {
                write_graph();
                add(places[place], twists[t].make);
            }
            hg_comm_barrier(&hg_test_comm);
            /* objects that are never read may be anything, but must not refer to other files */
            if (place == 2 && t > 4) continue;
            assert_fails(hg_graph_file_check(&hg_test_comm, path), twists[t].message);
        }
}

/* Another file takes the same name between opening and reading. */
static void changes_are_noticed(void **state)
{
    struct hg_graph_info info;
    struct hg_cells cells;
    struct hg_node_table rows;
    const struct hg_range block = hg_block_range(2, hg_test_comm.rank, hg_test_comm.size);
    (void)state;
    if (hg_test_comm.rank == 0) write_graph();
    hg_comm_barrier(&hg_test_comm);
    assert_ok(hg_graph_file_open(&hg_test_comm, path, &info, &cells));
    assert_ok(
        hg_graph_file_read(&hg_test_comm, path, &block, block.end > block.first, HG_READ_EDGE_IDS, &rows));
    assert_ok(hg_graph_file_unchanged(path, &info, &rows));
    info.num_splits = 1;
    assert_fails(hg_graph_file_unchanged(path, &info, &rows), "changed while it was read");
    hg_node_table_destroy(&rows);
    info.num_splits = hg_test_comm.rank == hg_test_comm.size - 1;
    if (hg_test_comm.size > 1)
        assert_fails(hg_graph_info_agree(&hg_test_comm, path, &info), "read other sizes than rank 0");
    hg_graph_info_destroy(&info);
    hg_cells_destroy(&cells);
}

static void absurd_attribute(void **state)
{
    char *text = NULL;
    struct hg_h5 file;
    (void)state;
    if (hg_test_comm.rank == 0) {
        const hid_t list = H5Pcreate(H5P_FILE_ACCESS), type = H5Tcopy(H5T_C_S1), one = H5Screate(H5S_SCALAR);
        H5Pset_libver_bounds(list, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
        H5Tset_size(type, ((size_t)1 << 24) + 1);
        const hid_t made = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, list);
        const hid_t attribute = H5Acreate2(made, "format", type, one, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(attribute >= 0);
        H5Aclose(attribute), H5Fclose(made), H5Sclose(one), H5Tclose(type), H5Pclose(list);
        assert_ok(hg_h5_open(path, &file));
        assert_fails(hg_h5_get_text(&file, "format", &text), "its size is absurd");
        hg_h5_close(&file);
    }
    hg_comm_barrier(&hg_test_comm);
}

static int setup(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/file.h5", folder);
    snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    if (hg_test_comm.rank == 0) assert_int_equal(mkfifo(fifo, 0600), 0);
    hg_comm_barrier(&hg_test_comm);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(imports_are_refused, setup, teardown),
    cmocka_unit_test_setup_teardown(notes_before_the_file_are_skipped, setup, teardown),
    cmocka_unit_test_setup_teardown(checkpoints_are_refused, setup, teardown),
    cmocka_unit_test_setup_teardown(numbers_are_refused, setup, teardown),
    cmocka_unit_test_setup_teardown(graphs_are_refused, setup, teardown),
    cmocka_unit_test_setup_teardown(changes_are_noticed, setup, teardown),
    cmocka_unit_test_setup_teardown(absurd_attribute, setup, teardown),
};

HG_TEST_MAIN(tests)
