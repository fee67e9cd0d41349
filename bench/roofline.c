/* halogat_roofline: measures the best that this machine can do in each part of an epoch on a graph (roofline.h).
 * Prints Markdown tables. */
#include "roofline.h"

#include "base/clock.h"
#include "base/simd.h"
#include "train/dataset.h"
#include "train/threads.h"
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SQUARE = 1024, MOST = 1 << 16 };

struct list {
    int count;
    int64_t value[HG_ROOF_LIST];
};

struct request {
    const char *graph;
    int64_t threads, rounds, mib;
    struct list widths, ahead, in, out;
};

static hg_status print_triad(const struct hg_roof *roof, int64_t mib)
{
    const int64_t bytes = mib << 20;
    double seconds = 0;
    HG_TRY(hg_roof_triad(roof, bytes / (int64_t)sizeof(hg_real), &seconds));
    printf("| stream | seconds | GB/s |\n|---|---|---|\n");
    printf("| a = b + s c, 3 arrays of %lld MiB | %.4g | %.1f |\n\n", (long long)mib, seconds,
           3e-9 * (double)bytes / seconds);
    return HG_OK;
}

static hg_status print_gathers(const struct hg_roof *roof, const struct list *widths,
                               const struct list *ahead)
{
    const double edges = (double)roof->shard->in->indptr[roof->shard->owned];
    printf(
        "| gather: rows of | seconds per pass | ns per edge and thread | GB/s of rows | prefetch ahead |\n");
    printf("|---|---|---|---|---|\n");
    for (int k = 0; k < widths->count; k++) {
        const int64_t width = widths->value[k];
        struct hg_roof_gather gather;
        double seconds = 0;
        const hg_status status = hg_roof_gather_create(roof, width, &gather);
        if (status == HG_OK) seconds = hg_roof_gather_tune(&gather, ahead->value, ahead->count);
        hg_roof_gather_destroy(&gather);
        if (status != HG_OK) return status;
        printf("| %lld | %.4g | %.2f | %.1f | %lld |\n", (long long)width, seconds,
               1e9 * seconds * roof->backend.threads / edges,
               1e-9 * edges * (double)width * (double)sizeof(hg_real) / seconds, (long long)gather.ahead);
    }
    printf("\n");
    return HG_OK;
}

static void print_product(const char *what, double flop, double seconds, double peak)
{
    const double gflops = 1e-9 * flop / seconds;
    printf("| %s | %.4g | %.1f | %.0f |\n", what, seconds, gflops, 100 * gflops / peak);
}

static hg_status print_products(const struct hg_roof *roof, const struct list *in, const struct list *out)
{
    static const char *const name[HG_ROOF_PRODUCTS] = {"Z = X W", "dW = X^T dZ", "dX = dZ W^T"};
    char what[64];
    const double square_flop = 2.0 * SQUARE * SQUARE * SQUARE * roof->backend.threads;
    double square_seconds = 0;
    HG_TRY(hg_roof_peak(roof, SQUARE, &square_seconds));
    const double peak = 1e-9 * square_flop / square_seconds;
    printf("| products | seconds | GFLOP/s | %% of peak |\n|---|---|---|---|\n");
    snprintf(what, sizeof what, "%d x %d times %d x %d, one per thread", SQUARE, SQUARE, SQUARE, SQUARE);
    print_product(what, square_flop, square_seconds, peak);
    for (int k = 0; k < in->count; k++) {
        const long long rows = in->value[k], cols = out->value[k];
        double seconds[HG_ROOF_PRODUCTS];
        HG_TRY(hg_roof_products(roof, rows, cols, seconds));
        for (int p = 0; p < HG_ROOF_PRODUCTS; p++) {
            snprintf(what, sizeof what, "%s by cells, W %lld x %lld", name[p], rows, cols);
            print_product(what, 2.0 * roof->shard->owned * (double)(rows * cols), seconds[p], peak);
        }
    }
    return HG_OK;
}

static hg_status print_tables(const struct hg_roof *roof, const struct request *request)
{
    const struct hg_shard *shard = roof->shard;
    printf(
        "%s: %lld nodes, %lld edges with self-loops of the model, %lld cells; %d thread%s, medians of %d\n\n",
        request->graph, (long long)shard->num_nodes, (long long)shard->num_edges, (long long)shard->num_cells,
        roof->backend.threads, roof->backend.threads == 1 ? "" : "s", roof->rounds);
    HG_TRY(print_triad(roof, request->mib));
    HG_TRY(print_gathers(roof, &request->widths, &request->ahead));
    return print_products(roof, &request->in, &request->out);
}

static hg_status measure(const struct hg_comm *comm, const void *what)
{
    const struct request *request = what;
    struct hg_data_options options = hg_train_options_default().data;
    struct hg_dataset data;
    struct hg_roof roof = {.rounds = (int)request->rounds};
    if (comm->size > 1) return hg_fail(HG_USAGE, "ranks", "it measures on one, not on %d", comm->size);
    int threads;
    HG_TRY(hg_threads_choose(comm, request->threads, &threads));
    HG_TRY(hg_backend_open(comm, threads, &roof.backend));
    options.graph = request->graph;
    hg_status status = hg_dataset_open(comm, &options, false, &data);
    if (status == HG_OK) {
        roof.shard = &data.shard;
        status = hg_team_create(threads, roof.backend.oversubscribed, &roof.team);
        if (status == HG_OK) status = print_tables(&roof, request);
        hg_team_destroy(roof.team);
        hg_dataset_destroy(&data);
    }
    return status;
}

static const struct argp_option options[] = {
    {"threads", 't', "T", 0, "threads; 0: all cores it may use (default 0)", 0},
    {"rounds", 'r', "R", 0, "passes whose median is shown, 1 to 99 (default 7)", 0},
    {"stream", 's', "MIB", 0, "MiB of each array of the triad, much more than the caches (default 256)", 0},
    {"widths", 'w', "W,...", 0,
     "numbers per gathered row, multiples of 8, above 128 of 64 (default 64,96,40)", 0},
    {"ahead", 'a', "D,...", 0,
     "edges between the prefetch of a row and its sum, the best is shown; 0: no prefetch (default "
     "0,8,16,32,64,96)",
     0},
    {"gemm", 'g', "INxOUT,...", 0, "shapes of W (default 128x64,64x40)", 0},
    {0}};

static const char doc[] = "Measures what this machine can do at best in the parts of a training epoch on "
                          "GRAPH, a graph file: streaming "
                          "memory; gathering and summing the rows at the other ends of all edges, and "
                          "nothing else; the products of a layer, "
                          "cell by cell, beside those of large square matrices. Cells are dealt to threads "
                          "as in training. Prints Markdown."
                          "\vGB/s count what a pass reads and writes: of the triad three arrays, of a gather "
                          "the rows of all edges, which caches "
                          "serve in part. Run it alone on the machine.";

static bool read_number(const char *text, int64_t least, int64_t most, int64_t *value)
{
    char *end;
    *value = strtoll(text, &end, 10);
    return end != text && *end == '\0' && *value >= least && *value <= most;
}

static bool read_list(char *text, int64_t least, int64_t most, struct list *list)
{
    bool good = true;
    list->count = 0;
    for (char *word = strtok(text, ","); good && word != NULL; word = strtok(NULL, ","))
        good = list->count < HG_ROOF_LIST && read_number(word, least, most, &list->value[list->count++]);
    return good && list->count > 0;
}

/* Widths above 16 vectors must be multiples of 8 vectors, so that a row is divided into tiles of at least 8
 * (tile_of). */
static bool read_widths(char *text, struct list *widths)
{
    bool good = read_list(text, HG_LANES, MOST, widths);
    for (int k = 0; k < widths->count; k++) {
        const int64_t width = widths->value[k];
        good = good && width % (width <= 16 * HG_LANES ? HG_LANES : 8 * HG_LANES) == 0;
    }
    return good;
}

static bool read_shape(char *text, int64_t *in, int64_t *out)
{
    char *by = strchr(text, 'x');
    if (by == NULL) return false;
    *by = '\0';
    return read_number(text, 1, MOST, in) && read_number(by + 1, 1, MOST, out);
}

static bool read_shapes(char *text, struct request *to)
{
    int count = 0;
    bool good = true;
    for (char *word = strtok(text, ","); good && word != NULL; word = strtok(NULL, ","), count++)
        good = count < HG_ROOF_LIST && read_shape(word, &to->in.value[count], &to->out.value[count]);
    to->in.count = to->out.count = count;
    return good && count > 0;
}

static bool read_option(int key, char *text, struct request *request)
{
    switch (key) {
    case 't':
        return read_number(text, 0, MOST, &request->threads);
    case 'r':
        return read_number(text, 1, HG_ROOF_ROUNDS, &request->rounds);
    case 's':
        return read_number(text, 1, MOST, &request->mib);
    case 'w':
        return read_widths(text, &request->widths);
    case 'a':
        return read_list(text, 0, MOST, &request->ahead);
    default:
        return read_shapes(text, request);
    }
}

static error_t on_key(int key, char *text, struct argp_state *state)
{
    struct request *request = state->input;
    if (key == ARGP_KEY_ARG && request->graph == NULL)
        request->graph = text;
    else if (key == ARGP_KEY_END && request->graph == NULL)
        argp_usage(state);
    else if (key <= 0 || key > 'z')
        return ARGP_ERR_UNKNOWN;
    else if (!read_option(key, text, request))
        argp_error(state, "-%c: not a value that it takes (see --help)", key);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, on_key, "GRAPH", doc, NULL, NULL, NULL};
    struct request request = {.rounds = 7,
                              .mib = 256,
                              .widths = {3, {64, 96, 40}},
                              .ahead = {6, {0, 8, 16, 32, 64, 96}},
                              .in = {2, {128, 64}},
                              .out = {2, {64, 40}}};
    return hg_roof_main(argc, argv, &argp, &request, measure);
}
