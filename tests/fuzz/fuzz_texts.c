/* Inputs: text files for import, and YAML files, made of tokens that are almost valid. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static const char *const fields[] = {"0",
                                     "1",
                                     "2",
                                     "11",
                                     "12",
                                     "-1",
                                     "-2",
                                     "007",
                                     "1.0",
                                     "0.5",
                                     "1e3",
                                     "1e999",
                                     "nan",
                                     "inf",
                                     "-inf",
                                     "+1",
                                     "0x10",
                                     "1_000",
                                     "99999999999999999999",
                                     "2147483648",
                                     "9223372036854775807",
                                     "10000000",
                                     "True",
                                     "false",
                                     "yes",
                                     "a",
                                     "id",
                                     "source",
                                     "target",
                                     "src",
                                     "dst",
                                     "label",
                                     "weight",
                                     "\"1\"",
                                     "\"a,b\"",
                                     "\"",
                                     "''",
                                     "#",
                                     "%",
                                     "\xef\xbb\xbf",
                                     "\xff\xfe",
                                     "\x01",
                                     "\x1b[31m",
                                     "\xc3\xa4",
                                     "%%MatrixMarket",
                                     "null",
                                     "None",
                                     "~",
                                     "1,5",
                                     ";",
                                     "",
                                     NULL};
static const char *const separators[] = {"\t", ",", " ", ";", ", ", "\t\t", ",,", "|", "", NULL};
static const char *const ends[] = {"\n", "\n", "\n", "\n", "\r\n", "\r", "\n\n", " \n", "", NULL};

/* Text that is being written. */
struct page {
    char text[1 << 14];
    size_t count;
};

static void put(struct page *page, const char *text)
{
    const size_t length = strlen(text);
    if (page->count + length >= sizeof page->text) return;
    memcpy(page->text + page->count, text, length + 1);
    page->count += length;
}

static void put_field(struct fuzz_rng *rng, struct page *page, int64_t limit, int64_t wild)
{
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)fuzz_below(rng, limit));
    put(page, fuzz_once_in(rng, wild) ? fuzz_text(rng, fields) : number);
}

/* Number of lines, fields per line, and limit of the numbers in them. */
struct table {
    int64_t lines, columns, limit;
};

static void put_lines(struct fuzz_rng *rng, struct page *page, struct table table)
{
    const char *separator = fuzz_text(rng, separators),
               *end = fuzz_once_in(rng, 3) ? fuzz_text(rng, ends) : "\n";
    const int64_t wild = fuzz_once_in(rng, 3) ? 4 : 40;
    if (fuzz_once_in(rng, 3)) separator = "\t";
    if (fuzz_once_in(rng, 6)) put(page, "\xef\xbb\xbf");
    for (int64_t l = 0; l < table.lines; l++) {
        const int64_t columns = fuzz_once_in(rng, 40) ? fuzz_below(rng, 5) : table.columns;
        for (int64_t c = 0; c < columns; c++) {
            if (c > 0) put(page, fuzz_once_in(rng, 60) ? fuzz_text(rng, separators) : separator);
            put_field(rng, page, table.limit, wild);
        }
        put(page, fuzz_once_in(rng, 60) ? fuzz_text(rng, ends) : end);
    }
}

static void put_header(struct fuzz_rng *rng, struct page *page)
{
    static const char *const headers[] = {"source,target\n",
                                          "target\tsource\n",
                                          ",source,target\n",
                                          "id,label\n",
                                          "node,target\n",
                                          "src dst weight\n",
                                          "from,to,from\n",
                                          "a,b\n",
                                          "\"source\",\"target\"\n",
                                          "# comment\n",
                                          "source;target\n",
                                          "id\n",
                                          "1 2 {}\n",
                                          NULL};
    if (fuzz_once_in(rng, 3)) put(page, fuzz_text(rng, headers));
}

static void save(const struct fuzz *fuzz, const char *name, struct page *page)
{
    char path[FUZZ_PATH];
    fuzz_path(path, fuzz->folder, name);
    fuzz_write(path, page->text, page->count);
    page->count = 0;
}

static void edge_lists(struct fuzz *fuzz)
{
    static const char *const more[] = {"",
                                       "",
                                       "--undirected ",
                                       "--nodes 12 ",
                                       "--undirected --keep-parallel ",
                                       "--columns source=src,target=dst ",
                                       NULL};
    static struct page page;
    put_header(&fuzz->rng, &page);
    put_lines(&fuzz->rng, &page,
              (struct table){fuzz_below(&fuzz->rng, 40), 2 + fuzz_below(&fuzz->rng, 3), 12});
    save(fuzz, "edges.csv", &page);
    fuzz_imported(
        fuzz, fuzz_command(fuzz, "import @/edges.csv %s-o @/graph.h5 --quiet", fuzz_text(&fuzz->rng, more)));
}

static void node_files(struct fuzz *fuzz)
{
    static const char *const options[] = {
        "--labels", "--targets", "--train-mask", "--val-mask", "--names", "--class-names", NULL};
    static struct page page;
    const char *first = fuzz_text(&fuzz->rng, options), *second = fuzz_text(&fuzz->rng, options);
    put_header(&fuzz->rng, &page);
    put_lines(&fuzz->rng, &page,
              (struct table){10 + fuzz_below(&fuzz->rng, 4), 1 + fuzz_once_in(&fuzz->rng, 3),
                             fuzz_once_in(&fuzz->rng, 2) ? 2 : 12});
    save(fuzz, "a.txt", &page);
    put_lines(&fuzz->rng, &page, (struct table){12, 1, 3});
    save(fuzz, "b.txt", &page);
    fuzz_imported(
        fuzz, fuzz_command(fuzz, "import %%/edges.tsv --nodes 12 %s @/a.txt %s @/b.txt -o @/graph.h5 --quiet",
                           first, second));
}

static void matrices(struct fuzz *fuzz)
{
    static const char *const layouts[] = {"coordinate", "coordinate", "array", "vector", "", NULL};
    static const char *const numbers[] = {"real", "integer", "pattern", "complex", "double", NULL};
    static const char *const kinds[] = {"general",        "general",   "symmetric",
                                        "skew-symmetric", "hermitian", NULL};
    static const char *const sizes[] = {"12 12 6",
                                        "12 3 6",
                                        "12 12",
                                        "12 3",
                                        "0 0 0",
                                        "12 0 0",
                                        "-1 3 2",
                                        "4294967296 4294967296 1",
                                        "12 99999999999 1",
                                        "12 3 9223372036854775807",
                                        "a b c",
                                        "12 12 6 7",
                                        "",
                                        NULL};
    static struct page page;
    char banner[256];
    snprintf(banner, sizeof banner, "%%%%MatrixMarket matrix %s %s %s\n%s\n", fuzz_text(&fuzz->rng, layouts),
             fuzz_text(&fuzz->rng, numbers), fuzz_text(&fuzz->rng, kinds), fuzz_text(&fuzz->rng, sizes));
    put(&page, banner);
    put_lines(&fuzz->rng, &page,
              (struct table){6 + fuzz_once_in(&fuzz->rng, 5), 2 + fuzz_below(&fuzz->rng, 2), 13});
    save(fuzz, "x.mtx", &page);
    fuzz_imported(fuzz, fuzz_command(fuzz, "import @/x.mtx -o @/graph.h5 --quiet"));
    fuzz_imported(fuzz, fuzz_command(fuzz, "import %%/edges.tsv --features @/x.mtx -o @/graph.h5 --quiet"));
}

/* Graph files of METIS: a sound one with few nodes, of which a line may be changed, or lines of random fields. */
static void metis(struct fuzz *fuzz)
{
    static const char *const headers[] = {
        "%lld %lld\n",       "%lld %lld 0\n",     "%lld %lld 001\n",     "%lld %lld 011 1\n",
        "%% c\n%lld %lld\n", "%lld %lld 111 2\n", "%lld %lld 10 1025\n", NULL};
    static struct page page;
    const int64_t nodes = 1 + fuzz_below(&fuzz->rng, 8);
    const bool whole = !fuzz_once_in(&fuzz->rng, 3);
    char line[64];
    snprintf(line, sizeof line, fuzz_text(&fuzz->rng, headers),
             (long long)(fuzz_once_in(&fuzz->rng, 20) ? fuzz_integer(&fuzz->rng, nodes) : nodes),
             (long long)(fuzz_once_in(&fuzz->rng, 20) ? fuzz_integer(&fuzz->rng, nodes)
                                                      : nodes * (nodes - 1) / 2));
    put(&page, line);
    for (int64_t node = 1; whole && node <= nodes; node++) {
        for (int64_t k = 1; k <= nodes; k++) {
            snprintf(line, sizeof line, "%lld ", (long long)k);
            if (k != node) put(&page, fuzz_once_in(&fuzz->rng, 200) ? fuzz_text(&fuzz->rng, fields) : line);
        }
        put(&page, fuzz_once_in(&fuzz->rng, 40) ? fuzz_text(&fuzz->rng, ends) : "\n");
    }
    if (!whole) put_lines(&fuzz->rng, &page, (struct table){nodes, fuzz_below(&fuzz->rng, 6), nodes + 1});
    save(fuzz, "x.graph", &page);
    fuzz_imported(fuzz, fuzz_command(fuzz, "import @/x.graph -o @/graph.h5 --quiet"));
}

static void yaml(struct fuzz *fuzz)
{
    static const char *const keys[] = {
        "heads",      "hidden", "dropout", "lr",     "epochs",  "seed",    "residual",
        "activation", "config", "out",     "recipe", "init",    "nothing", "split_random",
        "threads",    "<<",     "? a",     "",       "options", "runs",    "normalize_features",
        "-",          NULL};
    static const char *const values[] = {
        "[8, 1]",   "8,1",     "[8, [1]]",  "{a: b}", "0.5", "1e999", ".nan",  "yes",
        "true",     "no",      "null",      "~",      "elu", "\"x\"", "'8,1'", "&a 1",
        "*a",       "!!int 3", "|\n  text", "[",      "{",   "-1",    "0x10",  "99999999999999999999",
        "gat-cora", "",        "\t",        NULL};
    static const char *const joins[] = {": ", ": ", ": ", ":", " ", "=", ":\n  ", NULL};
    static struct page page;
    for (int64_t k = 1 + fuzz_below(&fuzz->rng, 5); k > 0; k--) {
        put(&page, fuzz_text(&fuzz->rng, keys));
        put(&page, fuzz_text(&fuzz->rng, joins));
        put(&page, fuzz_text(&fuzz->rng, values));
        put(&page, fuzz_once_in(&fuzz->rng, 10) ? fuzz_text(&fuzz->rng, ends) : "\n");
    }
    save(fuzz, "options.yaml", &page);
    char path[FUZZ_PATH];
    fuzz_path(path, fuzz->folder, "options.yaml");
    if (fuzz_once_in(&fuzz->rng, 4)) fuzz_bytes(&fuzz->rng, path);
    fuzz_command(fuzz, "train %%/graph.h5 --config @/options.yaml --out @/run --heads 2,1 --hidden 4 "
                       "--epochs 1 --runs 1 --threads 1 --quiet");
}

const struct fuzz_kind fuzz_texts[] = {
    {"edge-list", "edge lists in text", edge_lists},
    {"node-files", "labels, targets, masks and names in text", node_files},
    {"matrix-market", "MatrixMarket, as graph and as features", matrices},
    {"metis", "graph files of METIS", metis},
    {"yaml", "configuration files", yaml},
    {0},
};
