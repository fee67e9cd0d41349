/* Wrong graph files: each is refused on every rank with one line that says what is wrong and where. */
#include "scratch.h"

#include "base/exactsum.h"
#include "io/graph_file.h"
#include "io/hdf5/h5.h"
#include <math.h>

enum { NODES = 4, EDGES = 6, FEATURES = 2 };

/* A data set of a file; type < 0: it is left out. */
struct set {
    const char *name;
    int type;
    int dims;
    int64_t size[2];
    const void *data;
};

/* An attribute of the root group: a text, or a number. */
struct mark {
    const char *name, *text;
    int64_t number;
};

/* A path of 4 nodes, in both directions, in cell order with two cells. */
static const struct mark marks[] = {
    {"format", "halogat-graph", 0}, {"version", NULL, 1},       {"task", "single-label", 0},
    {"num_nodes", NULL, NODES},     {"num_edges", NULL, EDGES}, {"num_features", NULL, FEATURES},
    {"num_outputs", NULL, 3},       {"symmetric", NULL, 1},
};
enum { MARKS = sizeof marks / sizeof marks[0] };

static const int64_t indptr[] = {0, 1, 3, 5, 6}, indices[] = {1, 2, 0, 3, 1, 2},
                     edge_id[] = {0, 1, 2, 3, 4, -1};
static const int64_t original[] = {3, 2, 1, 0}, offsets[] = {0, 2, 4};
static const int64_t cell_indptr[] = {0, 1, 2}, cell_indices[] = {1, 0}, cell_weight[] = {2, 2};
static const hg_real features[] = {0, 1, 2, 3, 4, 5, 6, 7}, edge_attr[] = {1, 2, 1, 3, 2, 3};
static const int32_t classes[] = {0, 2, -1, 1};
static const uint8_t mask[] = {1, 0, 0, 1};

/* node 0 or 1 is needed by cell 1, node 2 by cell 0 */
static const int64_t net_indptr[] = {0, 2, 4}, net_cells[] = {0, 1, 1, 0}, net_rows[] = {1, 1};

static const struct set sets[] = {
    {"/graph/indptr", HG_H5_INT64, 1, {NODES + 1}, indptr},
    {"/graph/indices", HG_H5_INT64, 1, {EDGES}, indices},
    {"/graph/edge_id", HG_H5_INT64, 1, {EDGES}, edge_id},
    {"/graph/edge_attr", HG_H5_REAL, 2, {EDGES, 1}, edge_attr},
    {"/node/x", HG_H5_REAL, 2, {NODES, FEATURES}, features},
    {"/node/y", HG_H5_INT32, 1, {NODES}, classes},
    {"/node/split/train", HG_H5_TRUTH, 1, {NODES}, mask},
    {"/node/split/val", HG_H5_UINT8, 2, {NODES, 1}, mask},
    {"/node/original", HG_H5_INT64, 1, {NODES}, original},
    {"/cells/offsets", HG_H5_INT64, 1, {3}, offsets},
    {"/cells/graph/indptr", HG_H5_INT64, 1, {3}, cell_indptr},
    {"/cells/graph/indices", HG_H5_INT64, 1, {2}, cell_indices},
    {"/cells/graph/weight", HG_H5_INT64, 1, {2}, cell_weight},
    {"/cells/nets/indptr", HG_H5_INT64, 1, {3}, net_indptr},
    {"/cells/nets/cells", HG_H5_INT64, 1, {4}, net_cells},
    {"/cells/nets/rows", HG_H5_INT64, 1, {2}, net_rows},
};
enum { COUNT = sizeof sets / sizeof sets[0] };

static hg_status write_sets(const struct hg_h5 *file, const struct set *change)
{
    for (int k = 0; k <= COUNT; k++) {
        const struct set *set = k < COUNT ? &sets[k] : change;
        if (set == NULL || set->type < 0 ||
            (k < COUNT && change != NULL && strcmp(set->name, change->name) == 0))
            continue;
        HG_TRY(hg_h5_define(file, set->name, (enum hg_h5_type)set->type, 5, set->dims, set->size));
        const struct hg_range rows = {0, set->size[0]};
        HG_TRY(hg_h5_write_rows(file, set->name, (enum hg_h5_type)set->type, rows, set->data));
    }
    return HG_OK;
}

static hg_status write_marks(const struct hg_h5 *file, const struct mark *change)
{
    for (int k = 0; k < MARKS; k++) {
        const bool changed = change != NULL && strcmp(marks[k].name, change->name) == 0;
        const struct mark *m = changed ? change : &marks[k];
        if (m->text == NULL && m->number == INT64_MIN) continue; /* the attribute is left out */
        HG_TRY(m->text != NULL ? hg_h5_set_text(file, m->name, m->text)
                               : hg_h5_set_int(file, m->name, m->number));
    }
    return HG_OK;
}

/* Writes the file with one data set or one attribute replaced, left out or added. Local. */
static void make_one(const char *name, const struct set *set, const struct mark *mark)
{
    struct hg_h5 file;
    assert_ok(hg_h5_create(name, name, &file));
    hg_status status = write_marks(&file, mark);
    if (status == HG_OK) status = write_sets(&file, set);
    assert_ok(hg_h5_finish(&file, status));
}

/* make_one on rank 0. Collective. */
static void make(const char *name, const struct set *set, const struct mark *mark)
{
    if (hg_test_comm.rank == 0) make_one(name, set, mark);
    hg_comm_barrier(&hg_test_comm);
}

/* Opens the file, reads it by blocks, and checks it. Collective. */
static hg_status use(const struct hg_comm *comm, const char *path)
{
    struct hg_graph_info info;
    struct hg_cells cells;
    struct hg_node_table rows;
    HG_TRY(hg_graph_file_open(comm, path, &info, &cells));
    const struct hg_range block = hg_block_range(info.num_nodes, comm->rank, comm->size);
    hg_graph_info_destroy(&info);
    hg_cells_destroy(&cells);
    HG_TRY(hg_graph_file_read(comm, path, &block, 1, HG_READ_EDGE_IDS, &rows));
    hg_node_table_destroy(&rows);
    return hg_graph_file_check(comm, path);
}

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

static void sound(void **state)
{
    (void)state;
    static const double wide[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const struct set doubles = {"/node/x", HG_H5_DOUBLE, 2, {NODES, FEATURES}, wide};
    const struct set small = {"/graph/indptr", HG_H5_INT32, 1, {NODES + 1}, (const int32_t[]){0, 1, 3, 5, 6}};
    const struct set without_ids = {"/graph/edge_id", -1, 1, {0}, NULL},
                     extra = {"/x", HG_H5_INT32, 1, {4}, classes};
    const struct set no_labels = {"/node/y", -1, 1, {0}, NULL};
    const struct set *const good[] = {NULL, &doubles, &small, &without_ids, &extra, &no_labels};
    for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
        make(path, good[k], NULL);
        assert_ok(use(&hg_test_comm, path));
        hg_comm_barrier(&hg_test_comm);
    }
}

static void wrong_attributes(void **state)
{
    (void)state;
    static const struct {
        struct mark mark;
        const char *message;
    } cases[] = {
        {{"format", "halogat-checkpoint", 0}, "is a checkpoint, not a graph file"},
        {{"format", NULL, INT64_MIN}, "is HDF5 without what makes a graph"},
        {{"format", NULL, 7}, "attribute format is not text"},
        {{"version", NULL, 2}, "version 2 of the format is unknown"},
        {{"task", "ranking", 0}, "task \"ranking\" is unknown"},
        {{"task", NULL, INT64_MIN}, "attribute task is missing"},
        {{"num_nodes", NULL, INT64_MIN}, "attribute num_nodes is missing"},
        {{"num_nodes", "four", 0}, "attribute num_nodes has the wrong type"},
        {{"num_nodes", NULL, 0}, "no nodes"},
        {{"num_nodes", NULL, -4}, "attribute num_nodes is -4"},
        {{"num_nodes", NULL, INT64_MAX}, "attribute num_nodes is 9223372036854775807"},
        {{"num_nodes", NULL, 5}, "/graph/indptr is integer [5], not integer [6]"},
        {{"num_edges", NULL, 7}, "/graph/indices is integer [6], not integer [7]"},
        {{"num_features", NULL, 3}, "/node/x is float [4, 2], not float [4, 3]"},
        {{"num_outputs", NULL, 2}, "the class of node 2 is 2, not -1 (none) or 0..1"},
        {{"task", "multi-label", 0}, "/node/y is integer [4], not integer or bool [4, 3]"},
        {{"task", "regression", 0}, "/node/y is integer [4], not float [4, 3]"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        make(path, NULL, &cases[k].mark);
        assert_fails(use(&hg_test_comm, path), cases[k].message);
        hg_comm_barrier(&hg_test_comm);
    }
}

#define I64(...)                                                                                             \
    (const int64_t[])                                                                                        \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }
#define REALS(...)                                                                                           \
    (const hg_real[])                                                                                        \
    {                                                                                                        \
        __VA_ARGS__                                                                                          \
    }

static void wrong_sets(void **state)
{
    (void)state;
    const struct {
        struct set set;
        const char *message;
    } cases[] = {
        {{"/graph/indptr", -1, 0, {0}, NULL}, "data set /graph/indptr is missing"},
        {{"/graph/indices", -1, 0, {0}, NULL}, "data set /graph/indices is missing"},
        {{"/node/x", -1, 0, {0}, NULL}, "data set /node/x is missing"},
        {{"/node/original", -1, 0, {0}, NULL}, "data set /node/original is missing"},
        {{"/cells/offsets", -1, 0, {0}, NULL}, "it is in cell order but has no cells"},
        {{"/cells/graph/weight", -1, 0, {0}, NULL}, "data set /cells/graph/weight is missing"},
        {{"/graph/indptr", HG_H5_INT64, 1, {5}, I64(0, 1, 3, 5, 5)}, "goes from 0 to 5, not from 0 to 6"},
        {{"/graph/indptr", HG_H5_INT64, 1, {5}, I64(1, 1, 3, 5, 6)}, "goes from 1 to 6, not from 0 to 6"},
        {{"/graph/indptr", HG_H5_INT64, 1, {5}, I64(0, 4, 3, 5, 6)}, "/graph/indptr does not ascend"},
        {{"/graph/indptr", HG_H5_INT64, 1, {5}, I64(0, 1, -3, 5, 6)}, "/graph/indptr does not ascend"},
        {{"/graph/indptr", HG_H5_INT64, 1, {5}, I64(0, 99, 3, 5, 6)}, "data set /graph/indptr "},
        {{"/graph/indices", HG_H5_INT64, 1, {6}, I64(1, 2, 4, 3, 1, 2)}, "an edge from node 4, outside 0..3"},
        {{"/graph/indices", HG_H5_INT64, 1, {6}, I64(1, 2, 0, 3, -1, 2)},
         "an edge from node -1, outside 0..3"},
        {{"/graph/indices", HG_H5_REAL, 1, {6}, edge_attr}, "/graph/indices is float [6], not integer [6]"},
        {{"/graph/edge_id", HG_H5_INT64, 1, {5}, edge_id}, "/graph/edge_id is integer [5], not integer [6]"},
        {{"/graph/edge_id", HG_H5_INT64, 1, {6}, I64(0, 1, 2, 3, 4, -2)}, "an edge with id -2"},
        {{"/graph/edge_id", HG_H5_INT64, 1, {6}, I64(0, 77, 2, 77, -1, -1)},
         "/graph/edge_id has edge 77 twice"},
        {{"/graph/edge_attr", HG_H5_REAL, 1, {6}, edge_attr}, "float [6], not float [6, any]"},
        {{"/graph/edge_attr", HG_H5_REAL, 2, {6, 1}, REALS(1, 2, (hg_real)NAN, 3, 2, 3)},
         "feature 0 of an edge into node 2 is NaN or infinite"},
        {{"/node/x", HG_H5_REAL, 2, {4, 2}, REALS(0, 1, 2, 3, 4, 5, 6, (hg_real)INFINITY)},
         "feature 1 of node 0 is NaN or infinite"},
        {{"/node/x", HG_H5_INT64, 2, {4, 2}, I64(0, 1, 2, 3, 4, 5, 6, 7)},
         "integer [4, 2], not float [4, 2]"},
        {{"/node/y", HG_H5_INT64, 1, {4}, I64(0, 3, -1, 1)}, "the class of node 2 is 3"},
        {{"/node/y", HG_H5_INT64, 1, {4}, I64(0, 2, -2, 1)}, "the class of node 1 is -2"},
        {{"/node/y", HG_H5_INT64, 1, {4}, I64(0, (int64_t)1 << 32, -1, 1)}, "a number that is out of range"},
        {{"/node/y", HG_H5_TEXT, 1, {4}, "zero one  two  three"}, "/node/y is text [4], not integer [4]"},
        {{"/node/split/test", HG_H5_UINT8, 1, {4}, (const uint8_t[]){0, 1, 2, 0}},
         "test mask of node 1 is 2"},
        {{"/node/split/test", HG_H5_UINT8, 2, {2, 4}, "01010101"}, "[2, 4], not integer or bool [4, any]"},
        {{"/node/split/test", HG_H5_UINT8, 2, {4, 2}, "01010101"}, "has 2 splits, others 1"},
        {{"/node/split/test", HG_H5_INT32, 1, {4}, (const int32_t[]){0, 1, -1, 0}},
         "a number that is out of range"},
        {{"/node/graph", HG_H5_INT32, 1, {4}, (const int32_t[]){0, 0, -1, 0}}, "/node/graph of node 1 is -1"},
        {{"/node/name",
          HG_H5_TEXT,
          1,
          {4},
          "one\0\0two\0\0thr\xfe"
          "efour\0"},
         "the name of node 1 is not UTF-8"},
        {{"/node/class_name", HG_H5_TEXT, 1, {3}, "one\0\0\xc3\xb6\0\0\0thre\xc3"},
         "the name of class 2 is not UTF-8"},
        {{"/node/original", HG_H5_INT64, 1, {4}, I64(3, 2, 4, 0)}, "imported id 4 is outside 0..3"},
        {{"/node/original", HG_H5_INT64, 1, {4}, I64(3, 2, 2, 0)}, "/node/original has node 2 twice"},
        {{"/cells/offsets", HG_H5_INT64, 1, {3}, I64(0, 2, 5)}, "does not cover the nodes"},
        {{"/cells/offsets", HG_H5_INT64, 1, {3}, I64(0, 4, 4)}, "/cells/offsets does not ascend"},
        {{"/cells/offsets", HG_H5_INT64, 1, {1}, I64(0)}, "/cells/offsets has a wrong size"},
        {{"/cells/graph/indptr", HG_H5_INT64, 1, {3}, I64(0, 3, 2)}, "/cells/graph/indptr does not ascend"},
        {{"/cells/graph/indptr", HG_H5_INT64, 1, {3}, I64(0, 1, 3)}, "does not fit"},
        {{"/cells/graph/indices", HG_H5_INT64, 1, {2}, I64(1, 1)},
         "neighbours must ascend and be other cells"},
        {{"/cells/graph/indices", HG_H5_INT64, 1, {2}, I64(1, -7)},
         "neighbours must ascend and be other cells"},
        {{"/cells/nets/cells", -1, 0, {0}, NULL}, "data set /cells/nets/cells is missing"},
        {{"/cells/nets/rows", HG_H5_INT64, 1, {1}, I64(1)},
         "/cells/nets/rows is integer [1], not integer [2]"},
        {{"/cells/nets/rows", HG_H5_INT64, 1, {2}, I64(1, 0)}, "a net has several cells"},
        {{"/cells/nets/rows", HG_H5_INT64, 1, {2}, I64(1, INT64_MAX)}, "a net has several cells"},
        {{"/cells/nets/indptr", HG_H5_INT64, 1, {3}, I64(0, 5, 4)}, "/cells/nets/indptr does not ascend"},
        {{"/cells/nets/indptr", HG_H5_INT64, 1, {3}, I64(0, 2, 5)}, "does not fit /cells/nets/cells"},
        {{"/cells/nets/indptr", HG_H5_INT64, 1, {3}, I64(0, 3, 4)}, "a net has several cells"},
        {{"/cells/nets/cells", HG_H5_INT64, 1, {4}, I64(0, 2, 1, 0)}, "a net has several cells"},
        {{"/cells/nets/cells", HG_H5_INT64, 1, {4}, I64(0, 1, -1, 0)}, "a net has several cells"},
        {{"/cells/nets/cells", HG_H5_INT64, 1, {4}, I64(0, 1, 1, 1)}, "a net has several cells"},
        {{"/graph/indices", HG_H5_INT64, 1, {6}, I64(1, 0, 2, 3, 1, 2)},
         "the sources of node 2 do not ascend"},
        {{"/graph/indices", HG_H5_INT64, 1, {6}, I64(1, 2, 0, 3, 1, 1)}, "not those of its reverse"},
        {{"/graph/edge_attr", HG_H5_REAL, 2, {6, 1}, REALS(1, 2, 1, 3, 2, 4)}, "not those of its reverse"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        make(path, &cases[k].set, NULL);
        assert_fails(use(&hg_test_comm, path), cases[k].message);
        hg_comm_barrier(&hg_test_comm);
    }
}

/* Writes a graph of `cells` cells, each with one node and no edges; its numbers are zeros that are never written
 * (HDF5's fill value). Local. */
static hg_status write_cells(const struct hg_h5 *file, int64_t cells)
{
    const struct {
        const char *name;
        int64_t size;
    } arrays[] = {{"/graph/indptr", cells + 1},
                  {"/graph/indices", 0},
                  {"/node/original", cells},
                  {"/cells/offsets", cells + 1}};
    for (int k = 0; k < MARKS; k++) {
        const bool counts = strncmp(marks[k].name, "num_", 4) == 0,
                   nodes = strcmp(marks[k].name, "num_nodes") == 0;
        const int64_t number = nodes ? cells : counts ? 0 : marks[k].number;
        HG_TRY(marks[k].text != NULL ? hg_h5_set_text(file, marks[k].name, marks[k].text)
                                     : hg_h5_set_int(file, marks[k].name, number));
    }
    for (size_t k = 0; k < sizeof arrays / sizeof *arrays; k++)
        HG_TRY(hg_h5_define(file, arrays[k].name, HG_H5_INT64, 0, 1, &arrays[k].size));
    return HG_OK;
}

/* A graph with one cell more than exact sums allow is refused before its cells are read. */
static void too_many_cells(void **state)
{
    (void)state;
    struct hg_graph_info info;
    struct hg_cells cells;
    struct hg_h5 file;
    if (hg_test_comm.rank == 0) {
        assert_ok(hg_h5_create(path, path, &file));
        assert_ok(hg_h5_finish(&file, write_cells(&file, HG_EXACT_ADDENDS + 1)));
    }
    hg_comm_barrier(&hg_test_comm);
    assert_fails(hg_graph_file_open(&hg_test_comm, path, &info, &cells),
                 "1048577 cells, at most 1048576 are read");
}

static void sparse_features(void **state)
{
    (void)state;
    const struct {
        int32_t column[3];
        hg_real last;
        const char *message;
    } cases[] = {{{0, 1, 1}, 1, NULL},
                 {{0, 2, 1}, 1, "feature column 2 of node 3 is outside 0..1"},
                 {{0, -1, 1}, 1, "feature column -1 of node 3 is outside 0..1"},
                 {{1, 0, 1}, 1, "feature columns of node 3 do not ascend"},
                 {{1, 1, 1}, 1, "feature columns of node 3 do not ascend"},
                 {{0, 1, 1}, (hg_real)NAN, "feature 1 of node 1 is NaN or infinite"}};
    const struct set none = {"/node/x", -1, 0, {0}, NULL};
    const int64_t sizes[] = {NODES + 1, 3};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        make(path, &none, NULL);
        if (hg_test_comm.rank == 0) {
            struct hg_h5 file;
            const struct hg_range rows = {0, NODES + 1}, items = {0, 3};
            assert_ok(hg_h5_open_writable(path, path, &file));
            assert_ok(hg_h5_define(&file, "/node/x_csr/indptr", HG_H5_INT64, 0, 1, &sizes[0]));
            assert_ok(hg_h5_define(&file, "/node/x_csr/indices", HG_H5_INT32, 0, 1, &sizes[1]));
            assert_ok(hg_h5_define(&file, "/node/x_csr/data", HG_H5_REAL, 0, 1, &sizes[1]));
            assert_ok(hg_h5_write_rows(&file, "/node/x_csr/indptr", HG_H5_INT64, rows, I64(0, 2, 2, 3, 3)));
            assert_ok(hg_h5_write_rows(&file, "/node/x_csr/indices", HG_H5_INT32, items, cases[k].column));
            assert_ok(
                hg_h5_write_rows(&file, "/node/x_csr/data", HG_H5_REAL, items, REALS(1, 2, cases[k].last)));
            assert_ok(hg_h5_finish(&file, HG_OK));
        }
        hg_comm_barrier(&hg_test_comm);
        if (cases[k].message == NULL)
            assert_ok(use(&hg_test_comm, path));
        else
            assert_fails(use(&hg_test_comm, path), cases[k].message);
        hg_comm_barrier(&hg_test_comm);
    }
}

static void no_graph_at_all(void **state)
{
    (void)state;
    static const char noise[3000] = "no graph";
    char missing[SCRATCH_BYTES + 16];
    snprintf(missing, sizeof missing, "%s/absent.h5", folder);
    assert_fails(use(&hg_test_comm, missing), "absent.h5: No such file or directory");
    assert_fails(use(&hg_test_comm, folder), "is a folder, not a graph file");
    scratch_write(path, noise, 0);
    assert_fails(use(&hg_test_comm, path), "graph.h5: is empty");
    hg_comm_barrier(&hg_test_comm);
    scratch_write(path, noise, sizeof noise);
    assert_fails(use(&hg_test_comm, path), "graph.h5: is of an unknown format, not a graph file");
}

/* Messages about a temporary file use the name that it will have. */
static void temporary_names_do_not_show(void **state)
{
    struct hg_h5 file;
    (void)state;
    assert_fails(hg_h5_create("/nowhere/g.h5.partial-1", "g.h5", &file), "g.h5: cannot create");
    assert_fails(hg_h5_open_writable("/nowhere/g.h5.partial-1", "g.h5", &file), "g.h5: ");
    assert_fails(hg_h5_open_shared(&hg_test_comm, "/nowhere/g.h5.partial-1", "g.h5", &file), "g.h5: ");
}

/* Rank 1 reads another file of the same name, as on another host: in turn each data set is different. */
static void ranks_at_odds(void **state)
{
    (void)state;
    char other[SCRATCH_BYTES + 16];
    const struct set changes[] = {
        {"/graph/indices", HG_H5_INT64, 1, {EDGES}, I64(1, 2, 0, 2, 1, 2)},
        {"/graph/edge_id", HG_H5_INT64, 1, {EDGES}, I64(0, 1, 2, 3, 5, -1)},
        {"/graph/edge_attr", HG_H5_REAL, 2, {EDGES, 1}, REALS(1, 2, 1, 3, 2, 4)},
        {"/node/x", HG_H5_REAL, 2, {NODES, FEATURES}, REALS(0, 1, 2, 3, 4, 5, 6, 8)},
        {"/node/y", HG_H5_INT32, 1, {NODES}, (const int32_t[]){0, 2, -1, 2}},
        {"/node/split/train", HG_H5_TRUTH, 1, {NODES}, (const uint8_t[]){1, 0, 1, 1}},
        {"/node/original", HG_H5_INT64, 1, {NODES}, I64(3, 2, 0, 1)},
        {"/cells/offsets", HG_H5_INT64, 1, {3}, I64(0, 1, 4)},
        {"/cells/graph/weight", HG_H5_INT64, 1, {2}, I64(2, 1)},
        {"/cells/nets/rows", HG_H5_INT64, 1, {2}, I64(1, 2)},
        {"/node/name", HG_H5_INT64, 1, {NODES}, I64(1, 2, 3, 4)},
        {"/node/split/test", -1, 0, {0}, NULL}, /* no data set is different */
    };
    const struct mark marked[] = {{"num_outputs", NULL, 5}, {"symmetric", NULL, 0}};
    const int sets_changed = sizeof changes / sizeof changes[0] - 1, marks_changed = 2;
    snprintf(other, sizeof other, "%s/other.h5", folder);
    make(path, NULL, NULL);
    for (int k = 0; k <= sets_changed + marks_changed; k++) {
        struct hg_graph_info info;
        struct hg_cells cells;
        make(other, k <= sets_changed ? &changes[k] : NULL,
             k > sets_changed ? &marked[k - sets_changed - 1] : NULL);
        const char *mine = hg_test_comm.rank == 1 ? other : path;
        const hg_status status = hg_graph_file_open(&hg_test_comm, mine, &info, &cells);
        if (k == sets_changed || hg_test_comm.size == 1)
            assert_ok(status);
        else
            assert_fails(status, "(rank 1) has ");
        hg_graph_info_destroy(&info);
        hg_cells_destroy(&cells);
        hg_comm_barrier(&hg_test_comm);
    }
}

/* One rank does not find the graph. */
static void one_rank_without(void **state)
{
    (void)state;
    struct hg_graph_info info;
    struct hg_cells cells;
    make(path, NULL, NULL);
    if (hg_test_comm.size == 1) return;
    const char *mine = hg_test_comm.rank == 1 ? "/absent.h5" : path;
    assert_fails(hg_graph_file_open(&hg_test_comm, mine, &info, &cells),
                 "/absent.h5: No such file or directory (on host ");
}

/* A file that is cut off anywhere is refused. */
static void truncated(void **state)
{
    (void)state;
    size_t bytes;
    make(path, NULL, NULL);
    char *whole = scratch_read(path, &bytes);
    hg_comm_barrier(&hg_test_comm);
    for (size_t kept = 8; kept < bytes; kept += bytes / 40) {
        scratch_write(path, whole, kept);
        assert_fails(use(&hg_test_comm, path), "truncated or damaged HDF5 file");
        hg_comm_barrier(&hg_test_comm);
    }
    hg_mem_free(whole);
}

static size_t set_bytes(const struct set *set)
{
    static const size_t element[HG_H5_TYPES] = {8, 4, 1, 1, sizeof(hg_real), 8, 5};
    return element[set->type] * (size_t)(set->size[0] * (set->dims > 1 ? set->size[1] : 1));
}

/* Each byte of each data set is changed: reading may succeed or fail, but a failure has a message, and no memory
 * block leaks. (Bytes between data sets are left alone: HDF5 1.10 itself crashes on some damaged headers.) */
static void changed_bytes(void **state)
{
    (void)state;
    static const unsigned char changes[] = {0xff, 0x80, 0x01};
    struct hg_comm self;
    char mine[SCRATCH_BYTES + 32];
    int64_t next = 0;
    assert_ok(hg_comm_create(MPI_COMM_SELF, &self));
    snprintf(mine, sizeof mine, "%s/changed-%d.h5", folder, hg_test_comm.rank);
    for (int k = 0; k < COUNT; k++)
        for (size_t byte = 0; byte < set_bytes(&sets[k]); byte++) {
            unsigned char changed[64];
            struct set set = sets[k];
            if (next++ % hg_test_comm.size != hg_test_comm.rank) continue;
            memcpy(changed, set.data, set_bytes(&set));
            changed[byte] ^= changes[byte % 3];
            set.data = changed;
            make_one(mine, &set, NULL);
            if (use(&self, mine) != HG_OK) assert_string_not_equal(hg_status_message(), "");
            hg_status_clear();
            assert_int_equal(hg_mem_live(), 0);
        }
    hg_comm_destroy(&self);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup_teardown(sound, setup, teardown),
    cmocka_unit_test_setup_teardown(wrong_attributes, setup, teardown),
    cmocka_unit_test_setup_teardown(wrong_sets, setup, teardown),
    cmocka_unit_test_setup_teardown(too_many_cells, setup, teardown),
    cmocka_unit_test_setup_teardown(sparse_features, setup, teardown),
    cmocka_unit_test(temporary_names_do_not_show),
    cmocka_unit_test_setup_teardown(no_graph_at_all, setup, teardown),
    cmocka_unit_test_setup_teardown(ranks_at_odds, setup, teardown),
    cmocka_unit_test_setup_teardown(one_rank_without, setup, teardown),
    cmocka_unit_test_setup_teardown(truncated, setup, teardown),
    cmocka_unit_test_setup_teardown(changed_bytes, setup, teardown),
};

HG_TEST_MAIN(tests)
