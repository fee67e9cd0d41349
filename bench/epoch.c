/* halogat_epoch: times training epochs on a graph by layer and phase, and compares each phase with the best time that
 * the machine can reach for the same rows, edges and products (roofline.h). Prints a Markdown table. */
#include "roofline.h"

#include "base/clock.h"
#include "train/dataset.h"
#include "train/metrics.h"
#include "train/threads.h"
#include "train/trained.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *graph;
    int64_t threads, epochs, heads, hidden, bf16;
};

enum { LAYERS = 2, PASSES = 2 /* forward and backward */ };

/* A model in training, and a bare gather of the same rows for each of its passes over edges. */
struct bench {
    struct hg_dataset data;
    struct hg_model *model;
    struct hg_evaluator evaluator;
    struct hg_roof roof;
    struct hg_roof_gather gather[LAYERS][PASSES];
};

/* Medians over epochs. */
struct times {
    double epoch; /* without the optimizer */
    double phase[HG_CLOCK_STAGES][HG_PHASES];
    double gather[LAYERS][PASSES];
};

static void train_epoch(struct bench *b, int64_t epoch)
{
    const struct hg_pass pass = {.training = true, .epoch = epoch};
    const hg_real *out = hg_model_forward(b->model, &pass);
    hg_evaluator_loss_begin(&b->evaluator, out, hg_model_output_grad(b->model));
    hg_model_backward(b->model);
    unsigned requests = 0;
    hg_evaluator_loss_end(&b->evaluator, &requests);
}

/* Times `epochs` epochs after one that warms up. Each is followed by the bare gathers, so that other load on the
 * machine affects both alike. */
static void train(struct bench *b, int epochs, struct times *median)
{
    double phase[HG_CLOCK_STAGES][HG_PHASES][HG_ROOF_ROUNDS], epoch[HG_ROOF_ROUNDS],
        gather[LAYERS][PASSES][HG_ROOF_ROUNDS];
    train_epoch(b, 0);
    for (int e = 0; e < epochs; e++) {
        struct hg_clock *clock = &b->model->work.clock;
        memset(clock->seconds, 0, sizeof clock->seconds);
        const double start = hg_clock_seconds();
        train_epoch(b, e + 1);
        epoch[e] = hg_clock_seconds() - start;
        for (int s = 0; s < HG_CLOCK_STAGES; s++)
            for (int p = 0; p < HG_PHASES; p++) phase[s][p][e] = clock->seconds[s][p];
        for (int l = 0; l < LAYERS; l++)
            for (int d = 0; d < PASSES; d++) gather[l][d][e] = hg_roof_gather_fresh(&b->gather[l][d]);
    }
    for (int s = 0; s < HG_CLOCK_STAGES; s++)
        for (int p = 0; p < HG_PHASES; p++) median->phase[s][p] = hg_roof_median(phase[s][p], epochs);
    for (int l = 0; l < LAYERS; l++)
        for (int d = 0; d < PASSES; d++) median->gather[l][d] = hg_roof_median(gather[l][d], epochs);
    median->epoch = hg_roof_median(epoch, epochs);
}

/* Lower bounds of the time of a phase, in seconds. work: for gathering its rows, or for its products at the speed of
 * large square matrices; stream: for reading and writing the other arrays of nodes, at the speed of a triad. */
struct floor {
    double work, stream;
};

enum { EDGES_FORWARD, EDGES_BACKWARD, NODES_FORWARD, NODES_BACKWARD, KINDS };
static const char *const kind_name[KINDS] = {
    [EDGES_FORWARD] = "edges forward / gather of Z",
    [EDGES_BACKWARD] = "edges backward / gather of [q M S D G]",
    [NODES_FORWARD] = "nodes forward / Z = X W",
    [NODES_BACKWARD] = "nodes backward / dW, dX",
};

/* Numbers per node in the arrays of a layer. */
struct widths {
    int64_t x;       /* what is read for X: features, or the row [q M S A+ O] of the layer below */
    int64_t z, plus; /* Z; O+ and dZ */
    int64_t target;  /* [q M S A+ O] */
    int64_t out;     /* columns of the output */
};

static int64_t target_of(const struct hg_block *block)
{
    return hg_target_scalars(block->heads) + hg_row_stride((int64_t)block->heads * block->width);
}

static struct widths widths_of(const struct bench *b, int l)
{
    const struct hg_layer *layer = b->model->layer[l];
    const struct hg_block *block = &layer->block, *below = l > 0 ? &b->model->layer[l - 1]->block : NULL;
    const int64_t z = hg_row_stride((int64_t)block->heads * block->width);
    return (struct widths){
        .x = below == NULL ? layer->in : target_of(below),
        .z = hg_halo_room(layer->halo_dtype, z),
        .plus = z,
        .target = target_of(block),
        .out = hg_block_out(block),
    };
}

/* Numbers per node that each phase of layer l reads and writes, without those that a bare gather reads and writes,
 * too (O or dZ). The backward phase of a layer also prepares the backward pass of the layer below: its row and O+
 * count here. In the last layer, outputs, loss and the preparation of its own backward pass count here, too. */
static void streams(const struct bench *b, int l, int64_t numbers[KINDS])
{
    const struct widths w = widths_of(b, l);
    const bool last = l == b->model->layers - 1;
    numbers[NODES_FORWARD] = w.x + w.z;
    numbers[EDGES_FORWARD] = w.target; /* O+ and the scalars */
    numbers[EDGES_BACKWARD] = w.z;
    numbers[NODES_BACKWARD] = 2 * w.plus + w.z + w.x;
    if (l > 0) numbers[NODES_BACKWARD] += widths_of(b, l - 1).plus + widths_of(b, l - 1).target;
    if (last) numbers[NODES_FORWARD] += w.target + w.out;
    if (last) numbers[NODES_BACKWARD] += 3 * w.out + 2 * w.target + w.plus;
}

/* Seconds per number of a triad, and per multiply-add of a product. */
struct speed {
    double stream, product;
};

static hg_status measure_speed(const struct bench *b, struct speed *speed)
{
    enum { SQUARE = 1024, NUMBERS = 1 << 26 };
    double seconds = 0;
    HG_TRY(hg_roof_triad(&b->roof, NUMBERS, &seconds));
    speed->stream = seconds / (3.0 * NUMBERS);
    HG_TRY(hg_roof_peak(&b->roof, SQUARE, &seconds));
    speed->product = seconds / ((double)SQUARE * SQUARE * SQUARE * b->roof.backend.threads);
    return HG_OK;
}

static void floors_of(const struct bench *b, int l, const struct times *times, struct speed speed,
                      struct floor floor[KINDS])
{
    const struct hg_layer *layer = b->model->layer[l];
    const double owned = b->data.shard.owned, product = owned * (double)layer->in * layer->block.heads *
                                                        layer->block.width * speed.product;
    int64_t numbers[KINDS];
    streams(b, l, numbers);
    for (int k = 0; k < KINDS; k++) floor[k].stream = owned * (double)numbers[k] * speed.stream;
    floor[NODES_FORWARD].work = product;
    floor[NODES_BACKWARD].work = (l > 0 ? 2 : 1) * product;
    floor[EDGES_FORWARD].work = times->gather[l][0];
    floor[EDGES_BACKWARD].work = times->gather[l][1];
}

static void print_row(const char *layer, const char *what, double seconds, struct floor floor)
{
    printf("| %s | %s | %.2f | %.2f | %.2f | %.2f | %.2f |\n", layer, what, 1e3 * seconds, 1e3 * floor.work,
           1e3 * floor.stream, seconds / floor.work, seconds / (floor.work + floor.stream));
}

/* phase: measured seconds of the phases of layer l. */
static void phases_of(const struct times *times, int l, double phase[KINDS])
{
    const double *forward = times->phase[hg_clock_stage(l, false)],
                 *backward = times->phase[hg_clock_stage(l, true)];
    phase[EDGES_FORWARD] = forward[HG_PHASE_EDGES];
    phase[EDGES_BACKWARD] = backward[HG_PHASE_EDGES];
    phase[NODES_FORWARD] = forward[HG_PHASE_DENSE];
    phase[NODES_BACKWARD] = backward[HG_PHASE_DENSE];
}

static hg_status print_layers(const struct bench *b, const struct times *times)
{
    struct floor all = {0};
    struct speed speed;
    HG_TRY(measure_speed(b, &speed));
    printf("GEMM %.0f GFLOP/s, triad %.1f GB/s\n\n", 2e-9 / speed.product,
           1e-9 * (double)sizeof(hg_real) / speed.stream);
    printf(
        "| layer | phase / work | ms | work at best, ms | streaming, ms | times the work | times both |\n");
    printf("|---|---|---|---|---|---|---|\n");
    for (int l = 0; l < LAYERS; l++) {
        const char layer[] = {(char)('0' + l), '\0'};
        struct floor floor[KINDS];
        double phase[KINDS];
        floors_of(b, l, times, speed, floor);
        phases_of(times, l, phase);
        for (int k = 0; k < KINDS; k++) {
            print_row(layer, kind_name[k], phase[k], floor[k]);
            all.work += floor[k].work;
            all.stream += floor[k].stream;
        }
    }
    print_row("all", "epoch without optimizer / gathers and products", times->epoch, all);
    return HG_OK;
}

static hg_status open_gathers(struct bench *b)
{
    static const int64_t ahead[] = {16, 32, 64, 96};
    for (int l = 0; l < LAYERS; l++) {
        const struct hg_layer *layer = b->model->layer[l];
        const int64_t width[PASSES] = {
            widths_of(b, l).z,
            hg_target_scalars(layer->block.heads) +
                hg_halo_room(layer->halo_dtype, hg_row_stride(hg_block_out(&layer->block)))};
        for (int d = 0; d < PASSES; d++) {
            HG_TRY(hg_roof_gather_create(&b->roof, hg_row_stride(width[d]), &b->gather[l][d]));
            hg_roof_gather_tune(&b->gather[l][d], ahead, sizeof ahead / sizeof *ahead);
        }
    }
    return HG_OK;
}

static hg_status run(struct bench *b, const struct request *request)
{
    struct times times;
    hg_params_initialise(&b->model->params, 0);
    HG_TRY(open_gathers(b));
    train(b, (int)request->epochs, &times);
    printf("%s: %lld nodes, %lld edges with self-loops of the model, %lld x %lld, %d thread%s, %s\n\n",
           request->graph, (long long)b->data.shard.num_nodes, (long long)b->data.shard.num_edges,
           (long long)request->heads, (long long)request->hidden, b->roof.backend.threads,
           b->roof.backend.threads == 1 ? "" : "s", b->roof.backend.kernels->instructions);
    return print_layers(b, &times);
}

static hg_status open_bench(const struct hg_comm *comm, const struct request *request, struct bench *b)
{
    int threads;
    struct hg_train_options options = hg_train_options_default();
    options.data.graph = request->graph;
    options.model.heads = (struct hg_int_list){.count = 2, .value = {request->heads, 1}};
    options.model.hidden = (struct hg_int_list){.count = 1, .value = {request->hidden}};
    options.model.halo_dtype = request->bf16 ? HG_HALO_BF16 : HG_HALO_REAL;
    if (comm->size > 1) return hg_fail(HG_USAGE, "ranks", "it measures on one, not on %d", comm->size);
    HG_TRY(hg_threads_choose(comm, request->threads, &threads));
    HG_TRY(hg_backend_open(comm, threads, &b->roof.backend));
    HG_TRY(hg_dataset_open(comm, &options.data, false, &b->data));
    HG_TRY(hg_dataset_model_create(&options.model, &b->data, &b->roof.backend, true, &b->model));
    b->roof.shard = &b->data.shard;
    b->roof.team = b->model->work.team;
    b->roof.rounds = 5;
    return hg_evaluator_create(&b->data, &b->model->work, HG_METRIC_AUTO, &b->evaluator);
}

static hg_status measure(const struct hg_comm *comm, const void *what)
{
    const struct request *request = what;
    struct bench bench = {0};
    hg_status status = open_bench(comm, request, &bench);
    if (status == HG_OK) status = run(&bench, request);
    for (int l = 0; l < LAYERS; l++)
        for (int d = 0; d < PASSES; d++) hg_roof_gather_destroy(&bench.gather[l][d]);
    if (bench.evaluator.work != NULL) hg_evaluator_destroy(&bench.evaluator);
    hg_model_destroy(bench.model);
    hg_dataset_destroy(&bench.data);
    return status;
}

static const struct argp_option options[] = {
    {"threads", 't', "T", 0, "threads; 0: all cores it may use (default 0)", 0},
    {"epochs", 'e', "N", 0, "epochs whose median is shown, up to 99 (default 9)", 0},
    {"heads", 'k', "K", 0, "heads of the first of two layers (default 8)", 0},
    {"hidden", 'f', "F", 0, "features per head (default 8)", 0},
    {"bf16", 'b', NULL, 0, "rows that edges gather in bf16", 0},
    {0}};

static const char doc[] =
    "Trains two layers on GRAPH, a graph file with dense features, and shows each phase of an epoch beside "
    "its floor: the same rows "
    "gathered and summed and nothing else, after every epoch and just after they were written, or its "
    "products at the speed of large "
    "square matrices; and beside that and the streaming of the arrays of nodes that it reads and writes. "
    "Where only some nodes are "
    "labelled, an epoch leaves out what the loss does not need, and the floor does not.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    const int64_t number = arg != NULL ? strtoll(arg, NULL, 10) : 1;
    if (key == ARGP_KEY_ARG && request->graph == NULL) {
        request->graph = arg;
        return 0;
    }
    if (key == ARGP_KEY_END && request->graph == NULL) argp_error(state, "GRAPH is missing");
    int64_t *const field = key == 't'   ? &request->threads
                           : key == 'e' ? &request->epochs
                           : key == 'k' ? &request->heads
                           : key == 'f' ? &request->hidden
                           : key == 'b' ? &request->bf16
                                        : NULL;
    if (field == NULL) return ARGP_ERR_UNKNOWN;
    if (number < (key != 't') || (key == 'e' && number > HG_ROOF_ROUNDS))
        argp_error(state, "%s is not a number of that kind", arg);
    *field = number;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "GRAPH", doc, NULL, NULL, NULL};
    struct request request = {.epochs = 9, .heads = 8, .hidden = 8};
    return hg_roof_main(argc, argv, &argp, &request, measure);
}
