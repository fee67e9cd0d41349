/* halogat_exchange: times training epochs on several ranks, and after each the same halo rows exchanged by themselves:
 * how much of the exchange is hidden behind work. Prints one row of a Markdown table. */
#include "roofline.h"

#include "base/clock.h"
#include "train/dataset.h"
#include "train/metrics.h"
#include "train/threads.h"
#include "train/trained.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *graph;
    int64_t threads, epochs, heads, hidden;
};

struct bench {
    const struct hg_comm *comm;
    struct hg_dataset data;
    struct hg_model *model;
    struct hg_evaluator evaluator;
};

/* What is measured in each epoch, in seconds. The exposed part is the time that the slowest rank waits for halo rows,
 * also for those of a rank that is late; bare is the time of the exchanges by themselves. Of each the least of all
 * epochs is shown: other load on the machine makes ranks late, and only adds. */
enum { EPOCH, EXPOSED, BARE, TIMES };

static void train_epoch(struct bench *b, int64_t epoch)
{
    const struct hg_pass pass = {.training = true, .epoch = epoch};
    const hg_real *out = hg_model_forward(b->model, &pass);
    hg_evaluator_loss_begin(&b->evaluator, out, hg_model_output_grad(b->model));
    hg_model_backward(b->model);
    unsigned requests = 0;
    hg_evaluator_loss_end(&b->evaluator, &requests);
}

static void finish(struct bench *b, struct hg_exchange *exchange)
{
    hg_exchange_ready(exchange, b->data.shard.owned);
    hg_exchange_end(exchange);
}

/* All exchanges of an epoch, in its order. */
static void exchange_all(struct bench *b)
{
    const int layers = b->model->layers;
    for (int l = 0; l < layers; l++) finish(b, hg_layer_send_forward(b->model->layer[l]));
    for (int l = layers - 1; l >= 0; l--) finish(b, hg_layer_send_backward(b->model->layer[l]));
}

static int64_t bytes_sent(const struct bench *b)
{
    return hg_exchange_bytes(b->model->work.forward) + hg_exchange_bytes(b->model->work.backward);
}

static double exposed(const struct hg_clock *clock)
{
    double sum = 0;
    for (int s = 0; s < HG_CLOCK_STAGES; s++) sum += clock->seconds[s][HG_PHASE_EXCHANGE];
    return sum;
}

/* Measures one epoch: the times of the slowest rank. */
static void measure_epoch(struct bench *b, int64_t epoch, double times[TIMES])
{
    struct hg_clock *clock = &b->model->work.clock;
    memset(clock->seconds, 0, sizeof clock->seconds);
    hg_comm_barrier(b->comm);
    double start = hg_clock_seconds();
    train_epoch(b, epoch);
    times[EPOCH] = hg_clock_seconds() - start;
    times[EXPOSED] = exposed(clock);
    hg_comm_barrier(b->comm);
    start = hg_clock_seconds();
    exchange_all(b);
    times[BARE] = hg_clock_seconds() - start;
    hg_comm_max_f64(b->comm, times, TIMES);
}

static void run(struct bench *b, const struct request *request)
{
    double least[TIMES] = {HUGE_VAL, HUGE_VAL, HUGE_VAL};
    train_epoch(b, 0);
    int64_t bytes[2] = {-bytes_sent(b), 0};
    exchange_all(b);
    bytes[0] += bytes_sent(b); /* of an epoch's exchanges by themselves */
    bytes[1] = -bytes_sent(b);
    train_epoch(b, 0);
    bytes[1] += bytes_sent(b);
    if (bytes[0] != bytes[1]) hg_abort("exchange", "an epoch sends other rows");
    hg_comm_sum_i64(b->comm, bytes, 1);
    for (int e = 0; e < request->epochs; e++) {
        double of_epoch[TIMES];
        measure_epoch(b, e + 1, of_epoch);
        for (int t = 0; t < TIMES; t++) least[t] = fmin(least[t], of_epoch[t]);
    }
    if (b->comm->rank == 0)
        printf("| %lld x %lld | %d x %d | %.1f | %.1f | %.1f | %.1f | %.0f |\n", (long long)request->heads,
               (long long)request->hidden, b->comm->size, b->model->work.threads, 1e-6 * (double)bytes[0],
               1e3 * least[EPOCH], 1e3 * least[BARE], 1e3 * least[EXPOSED],
               100 * (1 - least[EXPOSED] / least[BARE]));
}

static hg_status open_bench(const struct request *request, struct bench *b)
{
    int threads;
    struct hg_backend backend;
    struct hg_train_options options = hg_train_options_default();
    options.data.graph = request->graph;
    options.model.heads = (struct hg_int_list){.count = 2, .value = {request->heads, 1}};
    options.model.hidden = (struct hg_int_list){.count = 1, .value = {request->hidden}};
    HG_TRY(hg_threads_choose(b->comm, request->threads, &threads));
    HG_TRY(hg_backend_open(b->comm, threads, &backend));
    HG_TRY(hg_dataset_open(b->comm, &options.data, false, &b->data));
    HG_TRY(hg_dataset_model_create(&options.model, &b->data, &backend, true, &b->model));
    hg_params_initialise(&b->model->params, 0);
    return hg_evaluator_create(&b->data, &b->model->work, HG_METRIC_AUTO, &b->evaluator);
}

static hg_status measure(const struct hg_comm *comm, const void *what)
{
    struct bench bench = {.comm = comm};
    hg_status status = comm->size > 1 ? HG_OK : hg_fail(HG_USAGE, "ranks", "on one nothing travels");
    if (status == HG_OK) status = open_bench(what, &bench);
    if (status == HG_OK) run(&bench, what);
    if (bench.evaluator.work != NULL) hg_evaluator_destroy(&bench.evaluator);
    hg_model_destroy(bench.model);
    hg_dataset_destroy(&bench.data);
    return status;
}

static const struct argp_option options[] = {
    {"threads", 't', "T", 0, "threads per rank; 0: its share of the cores (default 0)", 0},
    {"epochs", 'e', "N", 0, "epochs, whose least times are shown (default 9)", 0},
    {"heads", 'k', "K", 0, "heads of the first of two layers (default 8)", 0},
    {"hidden", 'f', "F", 0, "features per head (default 8)", 0},
    {0}};

static const char doc[] =
    "Trains two layers on GRAPH, on the ranks of mpirun, and exchanges the same rows by themselves after "
    "each epoch. "
    "Prints heads x width, ranks x threads, MB of halo rows that all ranks send in an epoch, and in ms: the "
    "epoch "
    "without optimizer, the bare exchange, what of it is exposed in the epoch (slowest rank), and the hidden "
    "share "
    "in %. With the header: | model | ranks x threads | MB | epoch | bare exchange | exposed | hidden, % |";

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request *request = state->input;
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
    *field = strtoll(arg, NULL, 10);
    if (*field < (key != 't')) argp_error(state, "%s is not a number of that kind", arg);
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "GRAPH", doc, NULL, NULL, NULL};
    struct request request = {.epochs = 9, .heads = 8, .hidden = 8};
    return hg_roof_main(argc, argv, &argp, &request, measure);
}
