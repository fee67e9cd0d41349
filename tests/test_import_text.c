/* Forms of text files: byte-order marks, headers, columns, MatrixMarket, masks, names. Every file is read correctly
 * or refused with a reason. */
#include "import_sample.h"

#include <math.h>
#include <sys/stat.h>

static char folder[SCRATCH_BYTES], list[2 * SCRATCH_BYTES], beside[2 * SCRATCH_BYTES];

enum { MOST = 32, TEXT = 1024 };

/* an edge list of six nodes, for the tests of node files */
static const char line_of_six[] = "0 1\n1 2\n2 3\n3 4\n4 5\n";

/* Appends to text[TEXT]. */
static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...)
{
    va_list args;
    const size_t used = strlen(text);
    va_start(args, format);
    vsnprintf(text + used, TEXT - used, format, args);
    va_end(args);
}

/* Writes the edges of all ranks in imported order, as "0>1 1>2:0.5". */
static void show_edges(const struct hg_node_table *rows, char text[TEXT])
{
    int64_t source[MOST] = {0}, target[MOST] = {0}, thousandths[MOST] = {0};
    for (int64_t i = 0; i < rows->count; i++) {
        for (hg_eid e = rows->indptr[i]; e < rows->indptr[i + 1]; e++) {
            const int64_t id = rows->edge_id[e];
            assert_true(id >= 0 && id < MOST);
            source[id] = rows->indices[e] + 1;
            target[id] = rows->imported[i] + 1;
            if (rows->info.num_edge_features > 0)
                thousandths[id] = lround((double)rows->edge_attr[e * rows->info.num_edge_features] * 1000);
        }
    }
    hg_comm_sum_i64(&hg_test_comm, source, MOST);
    hg_comm_sum_i64(&hg_test_comm, target, MOST);
    hg_comm_sum_i64(&hg_test_comm, thousandths, MOST);
    for (int64_t id = 0; id < MOST && source[id] > 0; id++) {
        add(text, "%s%lld>%lld", id > 0 ? " " : "", (long long)source[id] - 1, (long long)target[id] - 1);
        if (rows->info.num_edge_features > 0) add(text, ":%g", (double)thousandths[id] / 1000);
    }
}

/* Writes one number per node, as "1 0 - 2" (negative: -). */
static void show_numbers(const struct hg_node_table *rows, const int32_t *mine, char text[TEXT])
{
    int64_t all[MOST] = {0};
    for (int64_t i = 0; i < rows->count; i++) all[rows->imported[i]] = mine[i] + 1;
    hg_comm_sum_i64(&hg_test_comm, all, MOST);
    for (int64_t i = 0; i < rows->info.num_nodes; i++)
        add(text, all[i] > 0 ? "%s%lld" : "%s-", i > 0 ? " " : "", (long long)all[i] - 1);
}

static void show_mask(const struct hg_node_table *rows, char text[TEXT])
{
    int32_t marks[MOST] = {0};
    for (int64_t i = 0; i < rows->count; i++) marks[i] = rows->mask[HG_TRAIN][i];
    show_numbers(rows, marks, text);
}

/* Writes the names of all ranks, as "a|b|c". */
static void show_names(const struct hg_node_table *rows, char text[TEXT])
{
    const int64_t bytes = rows->info.name_bytes;
    int64_t all[TEXT] = {0};
    assert_true(bytes > 0 && bytes * rows->info.num_nodes < TEXT);
    for (int64_t k = 0; k < rows->count * bytes; k++)
        all[rows->imported[k / bytes] * bytes + k % bytes] = rows->name_text[k];
    hg_comm_sum_i64(&hg_test_comm, all, TEXT);
    for (int64_t i = 0; i < rows->info.num_nodes; i++) {
        if (i > 0) add(text, "|");
        for (int64_t b = 0; b < bytes && all[i * bytes + b] != 0; b++)
            add(text, "%c", (char)all[i * bytes + b]);
    }
}

enum role { EDGES_OF, LABELS, TRAIN, NAMES };

/* A text, its role, and what importing it must give and note; and the --columns it is given. */
struct example {
    enum role role;
    const char *text, *shown, *noted, *columns;
};

static struct hg_import_options options_for(const struct example *example, const char *path)
{
    struct hg_import_options options = sample_options(example->role == EDGES_OF ? path : list);
    if (example->role == LABELS) options.labels = path;
    if (example->role == TRAIN) options.mask[HG_TRAIN] = path;
    if (example->role == NAMES) options.names = path;
    options.columns = example->columns;
    return options;
}

static void check_example(const struct example *example, const char *path)
{
    static struct hg_notes notes;
    struct hg_import_options options = options_for(example, path);
    struct hg_node_table rows;
    char shown[TEXT] = "", noted[TEXT] = "";
    notes = (struct hg_notes){0};
    options.notes = &notes;
    sample_text(path, example->text);
    if (hg_import(&hg_test_comm, &options, &rows) != HG_OK)
        fail_msg("\"%s\": %s", example->text, hg_status_message());
    if (example->role == EDGES_OF) show_edges(&rows, shown);
    if (example->role == LABELS) show_numbers(&rows, rows.y_class, shown);
    if (example->role == TRAIN) show_mask(&rows, shown);
    if (example->role == NAMES) show_names(&rows, shown);
    if (strcmp(shown, example->shown) != 0) fail_msg("\"%s\" is read as \"%s\"", example->text, shown);
    if (example->noted != NULL) snprintf(noted, sizeof noted, "%s: %s\n", path, example->noted);
    if (strcmp(notes.text, noted) != 0) fail_msg("\"%s\" notes \"%s\"", example->text, notes.text);
    hg_node_table_destroy(&rows);
}

#define BOM "\xef\xbb\xbf"
#define MTX "%%MatrixMarket matrix coordinate "
#define MTX_NOTE "MatrixMarket: an entry (i, j) is an edge from node i - 1 to node j - 1"

static const struct example examples[] = {
    /* byte-order marks, ends of lines, quotes, separators */
    {EDGES_OF, BOM "0,1\n1,2\n", "0>1 1>2", NULL, NULL},
    {EDGES_OF, BOM "# c\r\n0\t1\r\n1\t2", "0>1 1>2", NULL, NULL},
    {EDGES_OF, BOM "source,target\n0,1\n", "0>1", "header: source, target", NULL},
    {EDGES_OF, "\"0\",\"1\"\n\"1\" , \"2\"\n", "0>1 1>2", NULL, NULL},
    {EDGES_OF, "0 , 1,\n1 ,2,\n", "0>1 1>2", NULL, NULL},
    {EDGES_OF, " 0   1 \n+1\t 2\n", "0>1 1>2", NULL, NULL},
    {EDGES_OF, "0 1 .5\n1 2 -1e-1\n", "0>1:0.5 1>2:-0.1", NULL, NULL},
    {EDGES_OF, "5 4\n0 1\n1 2\n2 3\n3 4\n", "5>4 0>1 1>2 2>3 3>4",
     "its first line, 5 4, is read as an edge: take it out if it counts nodes and edges", NULL},
    {EDGES_OF, "3 4\n0 1\n1 2\n2 3\n3 4\n", "3>4 0>1 1>2 2>3 3>4", NULL, NULL},
    /* columns by their usual names */
    {EDGES_OF, ",source,target\n0,5,1\n1,2,3\n", "5>1 2>3",
     "header: source, target; not read: a column without a name", NULL},
    {EDGES_OF, "\tsource\ttarget\tweight\n0\t5\t1\t.5\n", "5>1:0.5",
     "header: source, target, weight (feature: weight); not read: a column without a name", NULL},
    {EDGES_OF, "target,source\n0,5\n1,2\n", "5>0 2>1", "header: target, source", NULL},
    {EDGES_OF, "\"dst\" \"src\"\n0 5\n", "5>0", "header: dst, src (target: dst, source: src)", NULL},
    {EDGES_OF, "ToNodeId\tFromNodeId\n0\t5\n", "5>0",
     "header: ToNodeId, FromNodeId (target: ToNodeId, source: FromNodeId)", NULL},
    {EDGES_OF, "w,V,U\n7,0,5\n", "5>0:7", "header: w, V, U (feature: w, target: V, source: U)", NULL},
    {EDGES_OF, "tail,relation,head\n0,2,5\n", "5>0:2",
     "header: tail, relation, head (target: tail, feature: relation, source: head)", NULL},
    {EDGES_OF, "Unnamed: 0,from,to\n9,0,5\n", "0>5",
     "header: Unnamed: 0, from, to (source: from, target: to); not read: Unnamed: 0", NULL},
    {EDGES_OF, "id_2,id_1\n0,5\n", "5>0", "header: id_2, id_1 (target: id_2, source: id_1)", NULL},
    {EDGES_OF, "user item\n0 5\n", "0>5", "header: user, item (source: user, target: item)", NULL},
    /* and by --columns */
    {EDGES_OF, "a,b,c\n7,0,5\n", "5>0", "header: a, b, c (target: b, source: c); not read: a",
     "source=c,target=b"},
    {EDGES_OF, "a,b,c\n7,0,5\n", "5>0:7", "header: a, b, c (feature: a, target: b, source: c)",
     "feature=a,source=c,target=b"},
    {EDGES_OF, "source,target\n0,5\n", "5>0", "header: source, target (target: source, source: target)",
     "source=target,target=source"},
    {EDGES_OF, "7 0 5\n", "5>0", NULL, "source=3,target=2"},
    /* MatrixMarket */
    {EDGES_OF, MTX "pattern general\n% c\n3 3 3\n1 2\n3 1\n2 2\n", "0>1 2>0 1>1", MTX_NOTE, NULL},
    {EDGES_OF, BOM MTX "real general\n4 4 2\n1 2 .5\n3 1 -2\n", "0>1:0.5 2>0:-2",
     MTX_NOTE ", its value an edge feature", NULL},
    {EDGES_OF, MTX "unsigned-integer symmetric\n3 3 3\n2 1 5\n3 3 6\n3 2 7\n",
     "1>0:5 0>1:5 2>2:6 2>1:7 1>2:7", MTX_NOTE ", its value an edge feature", NULL},
    {EDGES_OF, MTX "integer skew-symmetric\n3 3 1\n3 1 2\n", "2>0:2 0>2:-2",
     MTX_NOTE ", its value an edge feature", NULL},
    {EDGES_OF, "%%matrixmarket MATRIX Coordinate Pattern Symmetric\n2 2 1\n2 1\n", "1>0 0>1", MTX_NOTE, NULL},
    /* labels in the order of nodes, and by id */
    {LABELS, BOM "2\n0\n1\n\n-1\n0\n", "2 0 1 - - 0", NULL, NULL},
    {LABELS, "\n\n1\n0\n1\n0\n", "- - 1 0 1 0", NULL, NULL},
    {LABELS, "# c\nclass\n0\n0\n1\n# d\n1\n\"1\"\n1", "0 0 1 1 1 1", "header: class (label: class)", NULL},
    {LABELS, "id,target\n5,1\n0,2\n1,0\n", "2 0 - - - 1", "header: id, target (label: target)", NULL},
    {LABELS, "label\tnode_id\n1\t5\n\n\t0\n0\t2\n", "- - 0 - - 1", "header: label, node_id (id: node_id)",
     NULL},
    {LABELS, ",y\n0,1\n1,0\n2,0\n3,1\n4,0\n5,0\n", "1 0 0 1 0 0",
     "header: y (label: y); not read: a column without a name", NULL},
    {LABELS, "id,views,new_id,mature\n77,9,3,1\n78,9,0,0\n", "0 - - 1 - -",
     "header: id, views, new_id, mature (id: new_id, label: mature); not read: id, views",
     "id=new_id,label=mature"},
    {LABELS, "3 1\n0 0\n", "0 - - 1 - -", NULL, "id=1,label=2"},
    /* masks: as many flags as nodes, or ids */
    {TRAIN, BOM "1\n0\n0\n1\n0\n0\n", "1 0 0 1 0 0", NULL, NULL},
    {TRAIN, "True\nFalse\ntrue\nfalse\nTRUE\nFalse\n", "1 0 1 0 1 0", NULL, NULL},
    {TRAIN, BOM "5\n# c\n\n1\n", "0 1 0 0 0 1", NULL, NULL},
    {TRAIN, "0\n1\n", "1 1 0 0 0 0", NULL, NULL},
    {TRAIN, "id\n1\n", "0 1 0 0 0 0", "header: id", NULL},
    {TRAIN, ",train_mask\n0,1\n1,0\n2,0\n3,1\n4,0\n5,0\n", "1 0 0 1 0 0",
     "header: train_mask (mask: train_mask); not read: a column without a name", NULL},
    {TRAIN, "id,val,train\n5,0,1\n1,1,0\n", "0 0 0 0 0 1",
     "header: id, val, train (mask: train); not read: val", NULL},
    {TRAIN, "5\n1\n", "0 1 0 0 0 1", NULL, "id=node"},
    {TRAIN, "node_id,chosen\n5,true\n1,false\n", "0 0 0 0 0 1",
     "header: node_id, chosen (id: node_id, mask: chosen)", NULL},
    /* names are text */
    {NAMES, BOM "001\n1\n 2\n#3\n\"4\"\n5,5\n", "001|1| 2|#3|\"4\"|5,5", NULL, NULL},
    {NAMES, "name\n1\n2\n3\n4\n5\n", "name|1|2|3|4|5", NULL, NULL},
    {NAMES, "name\n001\n1\n2\n3\n4\n5\n", "001|1|2|3|4|5", "header: name", NULL},
    {NAMES, "id,title\n5,\"a, \"\"b\"\"\"\n4,e\n3,d\n2,c\n1,b\n0,a\n", "a|b|c|d|e|a, \"b\"",
     "header: id, title (name: title)", NULL},
    {NAMES, "node,city\n5,f\n0,a\n1,b\n2,c\n3,d\n4,e\n", "a|b|c|d|e|f",
     "header: node, city (id: node, name: city)", NULL},
    {NAMES, "k,v\n0,a\n1,b\n2,c\n3,d\n4,e\n5,f\n", "a|b|c|d|e|f", "header: k, v (id: k, name: v)",
     "id=k,name=v"},
};

static void examples_are_read_right(void **state)
{
    (void)state;
    sample_text(list, line_of_six);
    for (size_t k = 0; k < sizeof examples / sizeof *examples; k++) check_example(&examples[k], beside);
}

static void marks_are_skipped_in_compressed_files(void **state)
{
    char zipped[3 * SCRATCH_BYTES];
    (void)state;
    snprintf(zipped, sizeof zipped, "%s.gz", beside);
    check_example(&(struct example){EDGES_OF, BOM "7,8\n1,2\n", "7>8 1>2", NULL, NULL}, zipped);
}

struct wrong {
    enum role role;
    const char *text, *message, *columns;
};

static const struct wrong wrongs[] = {
    {EDGES_OF,
     "\xff\xfe"
     "0,1\n",
     "is UTF-16: convert it", NULL},
    {EDGES_OF,
     "\xfe\xff"
     "0,1\n",
     "is UTF-16: convert it", NULL},
    {EDGES_OF, "BZh91AY&SY\n", "is compressed by bzip2: only gzip is read", NULL},
    {EDGES_OF, BOM, "no edges", NULL},
    {EDGES_OF, "0 1\r1 2\r", "line 1: a carriage return within the line", NULL},
    {EDGES_OF, "0;1;0,5\n", "line 1: semicolons between fields", NULL},
    {EDGES_OF, "0\t1\t0,5\n", "line 1: several kinds of separators, or a decimal comma: 0\t1\t0", NULL},
    {EDGES_OF, "0 1\n1 2,5\n", "line 2: not a node id: 2,5", NULL},
    {EDGES_OF, "0 1 1\n1 2 0,5\n", "line 2: not a number: 0,5", NULL},
    {EDGES_OF, "0\t1\t\t2\n", "line 1: not a number: (empty)", NULL},
    {EDGES_OF, "0,\"1\n", "line 1: a quote does not end within its line", NULL},
    {EDGES_OF, "0,1\n0,\"1\"2\n", "line 2: a quote does not end within its line", NULL},
    /* numbers that are not ids */
    {EDGES_OF, "1.0 1\n", "line 1: not a node id: 1.0", NULL},
    {EDGES_OF, "0 1\n1 1e3\n", "line 2: not a node id: 1e3", NULL},
    {EDGES_OF, "0 1\n0x10 1\n", "line 2: not a node id: 0x10", NULL},
    {EDGES_OF, "0 1\n1 -2\n", "line 2: node id out of range: -2", NULL},
    {EDGES_OF, "0 1\n99999999999999999999 1\n", "line 2: not a node id: 99999999999999999999", NULL},
    {EDGES_OF, "0 1 2\n1 2 0x10\n", "line 2: not a number: 0x10", NULL},
    /* first lines that are not a header */
    {EDGES_OF, "x 1\n1 2\n", "line 1: not a node id: x", NULL},
    {EDGES_OF, "1x 2x\n1 2\n", "line 1: not a node id: 1x", NULL},
    {EDGES_OF, "nan nan\n1 2\n", "line 1: not a node id: nan", NULL},
    {EDGES_OF, ",0,1\n0,5,1\n", "line 1: not a node id: (empty)", NULL},
    {LABELS, "-\n0\n1\n1\n0\n1\n0\n", "line 1: not a number: -", NULL},
    /* columns that cannot be identified */
    {EDGES_OF, "source,x\n0,1\n",
     "which columns are source and target? (header: source, x): say it with --columns source=NAME", NULL},
    {EDGES_OF, "id,target\n0,1\n", "which columns are source and target?", NULL},
    {EDGES_OF, "a,b,c\n0,1,2\n", "which columns are source and target?", NULL},
    {EDGES_OF, "source,src,target\n0,1,2\n", "which columns are source and target?", NULL},
    {EDGES_OF, "a,b,c\n0,1,2\n", "no column d in its header", "source=a,target=d"},
    {EDGES_OF, "0 1\n", "no header, and no column number 3", "source=3,target=1"},
    {EDGES_OF, "0 1\n", "columns: no key sauce", "sauce=1"},
    {EDGES_OF, "0 1\n", "columns: label=...: there is no file of labels", "source=1,target=2,label=1"},
    {EDGES_OF, "0 1\n", "columns: mask=...: there is no file of a mask", "mask=1"},
    {EDGES_OF, "0 1\n", "columns: id=...: there is no table of nodes", "id=1"},
    {EDGES_OF, "0 1\n", "columns: \"source\" is not a list", "source"},
    {EDGES_OF, "source,target,kind\n0,1,friend\n", "line 2: not a number: friend", NULL},
    {LABELS, "class,label\n0,1\n", "which columns are the labels?", NULL},
    {LABELS, "id\n0\n", "no column of labels", NULL},
    {LABELS, "kind\n0\n0\n0\n0\n0\n0\n", "no column class in its header", "label=class"},
    {LABELS, "node,id,label\n0,0,1\n", "which column holds the ids of nodes?", NULL},
    /* ids */
    {LABELS, "id,label\n0,1\n5,0\n0,0\n", "line 4: a second line for the node: 0", NULL},
    {LABELS, "id,label\n0,1\nx,0\n", "line 3: not a node id: x", NULL},
    {LABELS, "id,label\n0,1\n-3,0\n", "line 3: node id out of range: -3", NULL},
    {LABELS, ",label\n1,1\n0,0\n2,0\n3,0\n4,0\n5,0\n",
     "line 2: the first column has no name and does not count 0, 1, 2", NULL},
    {LABELS, "0 1\n1 0\n2 0\n3 1\n4 1\n5 0\n", "the first of its two columns numbers the nodes", NULL},
    /* MatrixMarket */
    {EDGES_OF, MTX "complex hermitian\n2 2 1\n2 1 1 0\n", "line 1: only coordinate or array", NULL},
    {EDGES_OF, MTX "real general\n2 3 1\n2 1 1\n", "2 rows and 3 columns: a graph needs", NULL},
    {EDGES_OF, "%%MatrixMarket matrix array real general\n1 1\n5\n",
     "a graph is read from a coordinate matrix", NULL},
    {EDGES_OF, MTX "pattern symmetric\n3 3 2\n2 1\n1 3\n", "line 4: entries on both sides of the diagonal",
     NULL},
    {EDGES_OF, MTX "real skew-symmetric\n3 3 1\n1 1 2\n", "line 3: an entry on the diagonal of a skew", NULL},
    {EDGES_OF, MTX "real general\n2 2 1\n2 1 inf\n", "edge 0: feature 0 is not finite", NULL},
    {EDGES_OF, MTX "pattern general\n2 2 1\n0 1\n", "line 3: row outside the matrix", NULL},
    /* masks */
    {TRAIN, "0\n1\n0\n1\n0\n", "5 lines of 0 and 1 for 6 nodes: neither one for every node, nor ids", NULL},
    {TRAIN, "0\n1\n0\n1\n0\n1\n1\n", "7 lines of 0 and 1 for 6 nodes", NULL},
    {TRAIN, "True\nFalse\n", "2 lines for 6 nodes", NULL},
    {TRAIN, "True\nFalse\n1\n0\n1\n5\n", "line 6: neither 0 nor 1: 5", NULL},
    {TRAIN, "train_mask\n1\n0\n", "2 lines for 6 nodes", NULL},
    {TRAIN, "5\n2\n5\n", "line 3: a second line for a node", NULL},
    {TRAIN, "yes\nno\n", "line 2: 0, 1, true, false or a node id expected: no", NULL},
    {TRAIN, "", "is empty: it marks no node", NULL},
    /* names */
    {NAMES, "M\xfcller\nb\nc\nd\ne\nf\n", "line 1: not UTF-8", NULL},
    {NAMES, "id,name\n0,a\n1,b\n2,c\n3,d\n4,e\n4,f\n", "line 7: a second name for one id", NULL},
    {NAMES, "id,name\n0,a\n1,b\n2,c\n3,d\n4,e\n6,f\n", "line 7: 6 is outside 0..5", NULL},
};

/* Files of other formats that could be misread as edge lists are refused, and the format is named. */
static void other_formats_are_named(void **state)
{
    char adjacency[2 * SCRATCH_BYTES];
    struct hg_node_table rows;
    (void)state;
    snprintf(adjacency, sizeof adjacency, "%.500s/ring.ADJLIST", folder);
    struct hg_import_options options = sample_options(adjacency);
    sample_text(adjacency, "0 1\n1 2\n2 0\n");
    assert_fails(hg_import(&hg_test_comm, &options, &rows),
                 "its name says adjacency lists, which is not read");
    options.format = "text";
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    hg_node_table_destroy(&rows);
}

#define METIS "METIS: nodes are numbered from 1 in the file, from 0 here"

/* Graph files of METIS: what they show and note. */
static const struct example metis_graphs[] = {
    {EDGES_OF, "3 3\n2 3\n1 3\n1 2\n", "0>1 0>2 1>0 1>2 2>0 2>1", METIS, NULL},
    {EDGES_OF, "% a comment\n 4\t1 0 \n\n3\n% another\n\t2\n\n\n", "1>2 2>1", METIS, NULL},
    {EDGES_OF, "3 2 001\n2 7\n1 7 3 8\n2 8", "0>1:7 1>0:7 1>2:8 2>1:8",
     METIS "; weights of edges are an edge feature", NULL},
    {EDGES_OF, "2 1 111 2\n9 1 1 2 5\n9 1 1 1 5\n", "0>1:5 1>0:5",
     METIS "; weights of edges are an edge feature; sizes and weights of nodes are skipped", NULL},
    {EDGES_OF,
     "\xef\xbb\xbf"
     "2 2\r\n2 2\r\n1 1\r\n",
     "0>1 0>1 1>0 1>0", METIS, NULL},
    {EDGES_OF, "2 1 10\n4 2\n4 1\n", "0>1 1>0", METIS "; sizes and weights of nodes are skipped", NULL},
};

/* ... and what is wrong with them. */
static const char *const metis_wrongs[][2] = {
    {"", "is empty"},
    {"% nothing\n", "is empty"},
    {"3\n", "line 1: numbers of nodes and of edges expected"},
    {"3 3 0 1 1\n", "line 1: numbers of nodes and of edges expected"},
    {"3 -3\n", "line 1: numbers of nodes and of edges expected"},
    {"2 1 002\n2\n1\n", "line 1: the third number is three digits, each 0 or 1"},
    {"2 1 010 0\n2\n1\n", "line 1: the fourth number, weights of a node, is 1 to 1024"},
    {"9999999999 1\n2\n1\n", "it says that it is larger than it can be"},
    {"3 3\n2 3\n1 3\n", "ends after 2 of 3 nodes"},
    {"3 2\n2 3\n1 3\n1 2\n", "6 neighbours: its first line says 2 edges, which have 4"},
    {"2 1\n2\n3\n", "line 3: a neighbour outside 1..nodes"},
    {"2 1\n2\n0\n", "line 3: a neighbour outside 1..nodes"},
    {"2 1\n2\n1\n1\n", "line 4: more lines than the header says nodes"},
    {"2 1 1\n2\n1\n", "line 2: the last neighbour has no weight"},
    {"2 1 10\n\n1 1\n", "line 2: size and weights of the node expected"},
    {"2 1\nx\n1\n", "line 2: not a whole number: x"},
    {"-2 1\n2\n1\n", "line 1: numbers of nodes and of edges expected"},
    {"2 1\n1\n2\n", "line 2: a node is its own neighbour"},
    {"2 1\n2 1\n\n", "line 2: a node is its own neighbour"},
    {"2 1\n\n1 1\n", "an edge is in the line of one of its ends only"},
    {"3 2\n2 3\n1 1\n\n", "an edge is in the line of one of its ends only"},
    {"3 3\n2 3\n3 1\n2 2\n", "an edge is in the line of one of its ends only"},
    {"2 1 1\n2 5\n1 6\n", "or has two weights"},
    {"2 1\n2\x1b[31m\n1\n", "line 2: not a whole number: 2"},
    {"2 1\n2\n1\f\n", "line 3: not a whole number: 1"},
    {"2 1\r2\r1\r", "a carriage return within the line"},
    {"2 1 0 2\n2\n1\n", "line 1: the fourth number counts weights of nodes, the third says"},
    {"2 1 1 1 7\n2 1\n1 1\n", "line 1: numbers of nodes and of edges expected, and at most two more"},
    {"2 1 1\n2 0\n1 0\n", "line 2: weights of edges are above 0"},
    {"2 1 1\n2 -4\n1 -4\n", "line 2: weights of edges are above 0"},
    {"0 0\n", "no nodes"},
};

static void metis_graphs_are_read(void **state)
{
    char path[2 * SCRATCH_BYTES];
    struct hg_node_table rows;
    (void)state;
    snprintf(path, sizeof path, "%.500s/some.graph", folder);
    const struct hg_import_options options = sample_options(path);
    for (size_t k = 0; k < sizeof metis_graphs / sizeof *metis_graphs; k++)
        check_example(&metis_graphs[k], path);
    for (size_t k = 0; k < sizeof metis_wrongs / sizeof *metis_wrongs; k++) {
        sample_text(path, metis_wrongs[k][0]);
        assert_fails(hg_import(&hg_test_comm, &options, &rows), metis_wrongs[k][1]);
    }
}

static void wrong_files_are_refused(void **state)
{
    (void)state;
    sample_text(list, line_of_six);
    for (size_t k = 0; k < sizeof wrongs / sizeof *wrongs; k++) {
        const struct example example = {.role = wrongs[k].role, .columns = wrongs[k].columns};
        const struct hg_import_options options = options_for(&example, beside);
        struct hg_node_table rows;
        sample_text(beside, wrongs[k].text);
        if (hg_import(&hg_test_comm, &options, &rows) == HG_OK) fail_msg("\"%s\" is read", wrongs[k].text);
        if (strstr(hg_status_message(), wrongs[k].message) == NULL)
            fail_msg("\"%s\": \"%s\"", wrongs[k].text, hg_status_message());
        hg_status_clear();
    }
    scratch_write(beside, "0\0,\0001\0\n\0", 8);
    const struct hg_import_options options = sample_options(beside);
    struct hg_node_table rows;
    assert_fails(hg_import(&hg_test_comm, &options, &rows), "a zero byte: UTF-16?");
    scratch_write(beside,
                  "\xff\xfe\0\0"
                  "0\0\0\0",
                  8);
    assert_fails(hg_import(&hg_test_comm, &options, &rows), "is UTF-32");
}

/* Makes one change to a text, chosen by `draw`: a byte replaced, inserted or removed, or the end cut off. */
static void change(char *text, uint64_t draw)
{
    static const char bytes[] = "01239 \t,;\n\r\"'#%-+.exnTa_=\xef\xbb\xbf\xff";
    const size_t length = strlen(text), at = length > 0 ? draw / 64 % length : 0;
    const char byte = bytes[draw / 8 % (sizeof bytes - 1)];
    const size_t kind = draw % 4;
    if (kind == 0 && length > 0) text[at] = byte;
    if (kind == 1) {
        memmove(text + at + 1, text + at, length - at + 1);
        text[at] = byte;
    }
    if (kind == 2 && length > 0) memmove(text + at, text + at + 1, length - at);
    if (kind == 3) text[at] = '\0';
}

/* Whatever a file contains, it is read, or refused with a reason, with the same result on all ranks; nothing leaks.
 */
static void changed_files_are_survived(void **state)
{
    const size_t count = sizeof examples / sizeof *examples, rounds = hg_test_comm.size == 1 ? 4 : 1;
    uint64_t draw = 88172645463325252u; /* xorshift64 */
    (void)state;
    sample_text(list, line_of_six);
    for (size_t k = 0; k < count * rounds; k++) {
        const struct example *example = &examples[k % count];
        const struct hg_import_options options = options_for(example, beside);
        struct hg_node_table rows;
        char text[TEXT] = "";
        add(text, "%s", example->text);
        for (size_t changes = 0; changes <= k / count; changes++) {
            draw ^= draw << 13;
            draw ^= draw >> 7;
            draw ^= draw << 17;
            change(text, draw >> 8);
        }
        sample_text(beside, text);
        if (hg_import(&hg_test_comm, &options, &rows) == HG_OK)
            hg_node_table_destroy(&rows);
        else if (hg_status_message()[0] == '\0')
            fail_msg("\"%s\" fails without a reason", text);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), 0);
    }
}

/* A symmetric matrix of features has both triangles. */
static void symmetric_features_are_mirrored(void **state)
{
    static const struct {
        const char *text;
        double sign; /* sign of the upper triangle */
        bool sparse;
    } cases[] = {
        {MTX "real symmetric\n3 3 3\n2 1 2\n3 2 3\n3 1 4\n", 1, true},
        {MTX "real skew-symmetric\n3 3 3\n2 1 2\n3 2 3\n3 1 4\n", -1, true},
        {"%%MatrixMarket matrix array real symmetric\n3 3\n0\n2\n4\n0\n3\n0\n", 1, false},
        {"%%MatrixMarket matrix array real skew-symmetric\n3 3\n2\n4\n3\n", -1, false},
    };
    static const double below[3][3] = {{0, 0, 0}, {2, 0, 0}, {4, 3, 0}};
    char matrix[2 * SCRATCH_BYTES];
    snprintf(matrix, sizeof matrix, "%.500s/beside.mtx", folder);
    (void)state;
    sample_text(list, "0 1\n1 2\n");
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct hg_import_options options = sample_options(list);
        struct hg_node_table rows;
        double x[9] = {0};
        options.features = matrix;
        sample_text(matrix, cases[c].text);
        assert_ok(hg_import(&hg_test_comm, &options, &rows));
        assert_int_equal(rows.info.sparse, cases[c].sparse);
        for (int64_t i = 0; i < rows.count; i++) {
            for (hg_eid k = rows.info.sparse ? rows.x.indptr[i] : 0;
                 k < (rows.info.sparse ? rows.x.indptr[i + 1] : 3); k++)
                x[3 * i + (rows.info.sparse ? rows.x.indices[k] : k)] =
                    (double)(rows.info.sparse ? rows.x.data[k] : rows.x.dense[3 * i + k]);
            for (int64_t j = 0; j < 3; j++) {
                const int64_t row = rows.imported[i];
                assert_true(x[3 * i + j] == (j <= row ? below[row][j] : cases[c].sign * below[j][row]));
            }
        }
        hg_node_table_destroy(&rows);
    }
}

static void nodes_in_two_masks_are_noted(void **state)
{
    static struct hg_notes notes;
    struct hg_import_options options = sample_options(list);
    char other[2 * SCRATCH_BYTES];
    struct hg_node_table rows;
    (void)state;
    snprintf(other, sizeof other, "%.500s/other.txt", folder);
    sample_text(list, line_of_six);
    sample_text(beside, "0\n3\n4\n");
    sample_text(other, "0\n0\n0\n1\n1\n1\n");
    options.mask[HG_TRAIN] = options.mask[HG_VAL] = beside;
    options.mask[HG_TEST] = other;
    options.notes = &notes;
    assert_ok(hg_import(&hg_test_comm, &options, &rows));
    assert_non_null(strstr(notes.text, "list.txt: 3 nodes are in both the train and the val mask\n"));
    assert_non_null(strstr(notes.text, "list.txt: 2 nodes are in both the val and the test mask\n"));
    assert_non_null(strstr(notes.text, "list.txt: 2 nodes are in both the train and the test mask\n"));
    hg_node_table_destroy(&rows);
}

/* A pipe given for any file is refused without being opened: opening it would wait for a writer. */
static void pipes_are_refused(void **state)
{
    char pipe[2 * SCRATCH_BYTES];
    (void)state;
    snprintf(pipe, sizeof pipe, "%.500s/pipe.mtx", folder);
    if (hg_test_comm.rank == 0) assert_int_equal(mkfifo(pipe, 0600), 0);
    hg_comm_barrier(&hg_test_comm);
    sample_text(list, line_of_six);
    static const char *const formats[] = {NULL, "text", "npz", "hdf5"};
    for (int place = 0; place < 9; place++) {
        struct hg_import_options options = sample_options(place < 4 ? pipe : list);
        struct hg_node_table rows;
        if (place < 4) options.format = formats[place];
        const char **const files[] = {&options.features, &options.labels, &options.targets,
                                      &options.mask[HG_TRAIN], &options.names};
        if (place >= 4) *files[place - 4] = pipe;
        assert_fails(hg_import(&hg_test_comm, &options, &rows), "pipe.mtx: is a pipe or a device");
    }
}

static int make_folder(void **state)
{
    (void)state;
    scratch_make(folder);
    snprintf(list, sizeof list, "%s/list.txt", folder);
    snprintf(beside, sizeof beside, "%s/beside.txt", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    scratch_remove(folder);
    return 0;
}

/* The folder is made by the first test's setup and removed by the last one's teardown. */
static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(examples_are_read_right, make_folder),
    cmocka_unit_test(marks_are_skipped_in_compressed_files),
    cmocka_unit_test(wrong_files_are_refused),
    cmocka_unit_test(other_formats_are_named),
    cmocka_unit_test(metis_graphs_are_read),
    cmocka_unit_test(changed_files_are_survived),
    cmocka_unit_test(symmetric_features_are_mirrored),
    cmocka_unit_test(nodes_in_two_masks_are_noted),
    cmocka_unit_test_teardown(pipes_are_refused, remove_folder),
};

HG_TEST_MAIN(tests)
