/* halogat_epoch: training epochs on a graph, layer by layer and phase by phase, beside what the machine can do at best with the same rows,
 * edges and products (roofline.h). Prints a Markdown table. */
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
    int64_t threads, epochs, heads, hidden;
};

/* A model in training. */
struct bench {
    struct hg_dataset data;
    struct hg_model *model;
    struct hg_evaluator evaluator;
    struct hg_roof roof;
};

static void train_epoch(struct bench *b, int64_t epoch)
{
    const struct hg_pass pass = {.training = true, .epoch = epoch};
    const hg_real *out = hg_model_forward(b->model, &pass);
    hg_evaluator_loss_begin(&b->evaluator, out, hg_model_output_grad(b->model));
    hg_model_backward(b->model);
    hg_evaluator_loss_end(&b->evaluator);
}

/* Mean seconds by stage and phase, and of a whole epoch without the optimizer, after one that warms up. */
static double train(struct bench *b, int64_t epochs, double seconds[HG_CLOCK_STAGES][HG_PHASES])
{
    train_epoch(b, 0);
    memset(b->model->work.clock.seconds, 0, sizeof b->model->work.clock.seconds);
    const double start = hg_clock_seconds();
    for (int64_t e = 1; e <= epochs; e++) train_epoch(b, e);
    for (int s = 0; s < HG_CLOCK_STAGES; s++)
        for (int p = 0; p < HG_PHASES; p++)
            seconds[s][p] = b->model->work.clock.seconds[s][p] / (double)epochs;
    return (hg_clock_seconds() - start) / (double)epochs;
}

/* A layer's floor: its rows gathered both ways, and its products. */
struct floor {
    double forward, backward, z, dw, dx;
};

static hg_status measure_floor(const struct bench *b, int l, struct floor *floor)
{
    const struct hg_model_options *o = &b->model->options;
    const int64_t in = l == 0 ? b->model->input.cols : b->model->hidden[l - 1].cols;
    const int64_t z = (int64_t)o->heads[l] * o->hidden[l], out = b->model->hidden[l].cols;
    static const int64_t ahead[] = {8, 16, 32};
    struct hg_roof_gather gather;
    double products[HG_ROOF_PRODUCTS];
    HG_TRY(hg_roof_gather(&b->roof, hg_row_stride(z), ahead, 3, &gather));
    floor->forward = gather.seconds;
    HG_TRY(hg_roof_gather(&b->roof, hg_target_stride(out, o->heads[l]), ahead, 3, &gather));
    floor->backward = gather.seconds;
    HG_TRY(hg_roof_products(&b->roof, in, z, products));
    floor->z = products[HG_ROOF_Z];
    floor->dw = products[HG_ROOF_DW];
    floor->dx = l > 0 ? products[HG_ROOF_DX] : 0;
    return HG_OK;
}

static void print_row(int layer, const char *what, double seconds, double floor)
{
    printf("| %d | %s | %.2f | %.2f | %.2f |\n", layer, what, 1e3 * seconds, 1e3 * floor, seconds / floor);
}

static hg_status print_layers(const struct bench *b, double seconds[HG_CLOCK_STAGES][HG_PHASES], double epoch)
{
    double all = 0;
    printf("| layer | phase | ms | floor, ms | times the floor |\n|---|---|---|---|---|\n");
    for (int l = 0; l < b->model->options.layers; l++) {
        struct floor floor;
        const double *forward = seconds[hg_clock_stage(l, false)],
                     *backward = seconds[hg_clock_stage(l, true)];
        HG_TRY(measure_floor(b, l, &floor));
        print_row(l, "edges forward / gather of Z", forward[HG_PHASE_EDGES], floor.forward);
        print_row(l, "edges backward / gather of [G q M S D]", backward[HG_PHASE_EDGES], floor.backward);
        print_row(l, "nodes forward / Z = X W", forward[HG_PHASE_DENSE], floor.z);
        print_row(l, "nodes backward / dW, dX", backward[HG_PHASE_DENSE], floor.dw + floor.dx);
        all += floor.forward + floor.backward + floor.z + floor.dw + floor.dx;
    }
    printf("| all | epoch without optimizer / gathers and products | %.2f | %.2f | %.2f |\n", 1e3 * epoch,
           1e3 * all, epoch / all);
    return HG_OK;
}

static hg_status run(struct bench *b, const struct request *request)
{
    double seconds[HG_CLOCK_STAGES][HG_PHASES];
    hg_params_initialise(&b->model->params, 0);
    const double epoch = train(b, request->epochs, seconds);
    printf("%s: %lld nodes, %lld edges with self-loops of the model, %lld x %lld, %d thread%s, %s\n\n",
           request->graph, (long long)b->data.shard.num_nodes, (long long)b->data.shard.num_edges,
           (long long)request->heads, (long long)request->hidden, b->roof.machine.threads,
           b->roof.machine.threads == 1 ? "" : "s", b->roof.machine.kernels->instructions);
    return print_layers(b, seconds, epoch);
}

static hg_status open_bench(const struct hg_comm *comm, const struct request *request,
                            struct hg_config *config, struct bench *b)
{
    int threads;
    hg_config_defaults(config);
    config->input = request->graph;
    config->heads = (struct hg_int_list){.count = 2, .value = {request->heads, 1}};
    config->hidden = (struct hg_int_list){.count = 1, .value = {request->hidden}};
    if (comm->size > 1) return hg_fail(HG_USAGE, "ranks", "it measures on one, not on %d", comm->size);
    HG_TRY(hg_threads_choose(comm, request->threads, &threads));
    HG_TRY(hg_machine_open(comm, threads, &b->roof.machine));
    HG_TRY(hg_dataset_open(comm, config, 0, false, &b->data));
    HG_TRY(hg_trained_create(config, &b->data, &b->roof.machine, true, &b->model));
    b->roof.shard = &b->data.shard;
    b->roof.rounds = 5;
    return hg_evaluator_create(&b->data, &b->model->work, HG_METRIC_AUTO, &b->evaluator);
}

static hg_status measure(const struct hg_comm *comm, const void *what)
{
    const struct request *request = what;
    struct bench bench = {0};
    struct hg_config config;
    hg_status status = open_bench(comm, request, &config, &bench);
    if (status == HG_OK) status = run(&bench, request);
    if (bench.evaluator.work != NULL) hg_evaluator_destroy(&bench.evaluator);
    hg_model_destroy(bench.model);
    hg_dataset_destroy(&bench.data);
    hg_config_destroy(&config);
    return status;
}

static const struct argp_option options[] = {
    {"threads", 't', "T", 0, "threads; 0: all cores it may use (default 0)", 0},
    {"epochs", 'e', "N", 0, "epochs whose mean is shown (default 5)", 0},
    {"heads", 'k', "K", 0, "heads of the first of two layers (default 8)", 0},
    {"hidden", 'f', "F", 0, "features per head (default 8)", 0},
    {0}};

static const char doc[] =
    "Trains two layers on GRAPH, a graph file with dense features, and shows each phase of an epoch beside "
    "its "
    "floor: the rows gathered and summed and nothing else, the products and nothing else. Where only some "
    "nodes "
    "are labelled, an epoch leaves out what the loss does not need, and the floor does not.";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
    const int64_t number = arg != NULL ? strtoll(arg, NULL, 10) : 0;
    if (key == ARGP_KEY_ARG && request->graph == NULL) {
        request->graph = arg;
        return 0;
    }
    if (key == ARGP_KEY_END && request->graph == NULL) argp_error(state, "GRAPH is missing");
    int64_t *const field = key == 't'   ? &request->threads
                           : key == 'e' ? &request->epochs
                           : key == 'k' ? &request->heads
                           : key == 'f' ? &request->hidden
                                        : NULL;
    if (field == NULL) return ARGP_ERR_UNKNOWN;
    if (number < (key != 't')) argp_error(state, "%s is not a number of that kind", arg);
    *field = number;
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "GRAPH", doc, NULL, NULL, NULL};
    struct request request = {.epochs = 5, .heads = 8, .hidden = 8};
    return hg_roof_main(argc, argv, &argp, &request, measure);
}
