#include "forecast/measure.h"

#include "base/mem.h"
#include "base/memory_left.h"
#include "dist/cores.h"
#include "dist/link.h"
#include "forecast/fit.h"
#include "generate/generate.h"
#include "io/graph_file.h"
#include "io/paths.h"
#include "nn/optim.h"
#include "partition/partitioner.h"
#include "train/metrics.h"
#include "train/trained.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The graphs: one for each place of rows that edges gather; a tiny one shows what does not depend on sizes. */
enum { IN_CACHE = HG_IN_CACHE, IN_MEMORY = HG_IN_MEMORY, IN_LARGE = HG_IN_LARGE, TINY, GRAPHS };
static const struct hg_generate_options graphs[GRAPHS] = {
    [IN_CACHE] = {.nodes = 4096, .edges = 131072, .features = 64, .classes = 16},
    [IN_MEMORY] = {.nodes = 131072, .edges = 2097152, .features = 64, .classes = 16},
    [IN_LARGE] = {.nodes = 1 << 20, .edges = 1 << 23, .features = 16, .classes = 16},
    [TINY] = {.nodes = 64, .edges = 128, .features = 8, .classes = 4},
};
static const int epochs_of[GRAPHS] = {[IN_CACHE] = 15, [IN_MEMORY] = 5, [IN_LARGE] = 3, [TINY] = 99};
enum { MOST_EPOCHS = 99 };

/* Bytes that a rank needs for the large graph. */
static const int64_t large_bytes = INT64_C(2500) << 20;

/* Hidden layers, heads and their width; a layer of one head for the classes follows. `graphs` has a bit for each graph
 * that the model is trained on. Where products and parameters take most of the time, a small one will do; on the large
 * one each model takes seconds. */
enum { C = 1 << IN_CACHE, M = 1 << IN_MEMORY, L = 1 << IN_LARGE, T = 1 << TINY };
static const struct trial_model {
    int layers, heads, width;
    unsigned graphs;
} models[] = {{1, 8, 8, C | M | L | T}, {1, 8, 32, C | M}, {1, 4, 16, C | M | L}, {1, 1, 32, C | M | L},
              {1, 2, 8, C | M},         {2, 8, 64, C},     {2, 4, 32, C}};
enum { MODELS = sizeof models / sizeof *models };

/* A model in training on one rank. */
struct trial {
    struct hg_dataset data;
    struct hg_model *model;
    struct hg_evaluator evaluator;
    struct hg_optim optim;
};

/* What the samples of all trials are collected in. */
struct samples {
    struct hg_fit gather[HG_GATHER_PLACES][HG_PASSES], dense, sums, other;
    double table[HG_GATHER_PLACES][HG_PASSES]; /* sum of the logarithms of the sizes of tables */
    double layer;
};

/* Writes a generated graph to a file of this rank, and opens it as every training does. */
static hg_status make_graph_at(const struct hg_comm *alone, const struct hg_generate_options *options,
                               const char *path, struct hg_dataset *data)
{
    struct hg_node_table rows = {0};
    struct hg_data_options open = hg_train_options_default().data;
    struct hg_generate_options wanted = *options;
    wanted.kind = HG_GENERATE_RMAT;
    wanted.split_train = -1;
    open.graph = path;
    open.partitioner = HG_PARTITION_BLOCK; /* as good as any for R-MAT, and fast */
    hg_status status = hg_generate(alone, &wanted, &rows);
    if (status == HG_OK) status = hg_graph_file_write(alone, path, &rows, NULL);
    hg_node_table_destroy(&rows);
    if (status == HG_OK) status = hg_dataset_open(alone, &open, false, data);
    return status;
}

static hg_status make_graph(const struct hg_comm *alone, const struct hg_generate_options *options,
                            struct hg_dataset *data)
{
    char folder[HG_PATH_BYTES], path[HG_PATH_BYTES + 16];
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/halogat-measure-XXXXXX",
             base != NULL && base[0] != '\0' ? base : "/tmp");
    if (mkdtemp(folder) == NULL) return hg_fail_system(folder);
    snprintf(path, sizeof path, "%s/graph.h5", folder);
    const hg_status status = make_graph_at(alone, options, path, data);
    unlink(path);
    rmdir(folder);
    return status;
}

static hg_status begin_trial(const struct hg_backend *backend, const struct trial_model *model,
                             struct trial *t)
{
    struct hg_model_settings settings = hg_train_options_default().model;
    static const struct hg_optim_options adam = {.kind = HG_ADAM, .lr = 1e-3};
    settings.heads = (struct hg_int_list){model->layers + 1, {model->heads, model->heads, model->heads}};
    settings.heads.value[model->layers] = 1;
    settings.hidden = (struct hg_int_list){1, {model->width}};
    HG_TRY(hg_dataset_model_create(&settings, &t->data, backend, true, &t->model));
    hg_params_initialise(&t->model->params, 0);
    HG_TRY(hg_optim_create(&t->optim, &adam, t->model->work.kernels, t->model->params.count));
    return hg_evaluator_create(&t->data, &t->model->work, HG_METRIC_AUTO, &t->evaluator);
}

static void end_trial(struct trial *t)
{
    if (t->evaluator.work != NULL) hg_evaluator_destroy(&t->evaluator);
    hg_optim_destroy(&t->optim);
    hg_model_destroy(t->model);
    t->model = NULL;
    t->evaluator = (struct hg_evaluator){0};
}

static void train_epoch(struct trial *t, int64_t epoch)
{
    const struct hg_pass pass = {.training = true, .epoch = epoch};
    struct hg_clock *clock = &t->model->work.clock;
    unsigned requests = 0;
    memset(clock->seconds, 0, sizeof clock->seconds);
    const hg_real *out = hg_model_forward(t->model, &pass);
    hg_clock_start(clock, HG_CLOCK_STAGES - 1);
    hg_evaluator_loss_begin(&t->evaluator, out, hg_model_output_grad(t->model));
    hg_workspace_add_time(&t->model->work, HG_PHASE_OTHER);
    hg_model_backward(t->model);
    hg_clock_start(clock, HG_CLOCK_STAGES - 1);
    hg_evaluator_loss_end(&t->evaluator, &requests);
    hg_optim_step(&t->optim, t->model->params.grad, t->model->params.value);
    hg_workspace_add_time(&t->model->work, HG_PHASE_OTHER);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

/* Medians over epochs of the time of each stage and phase. */
static void time_epochs(struct trial *t, int epochs, double seconds[HG_CLOCK_STAGES][HG_PHASES])
{
    static double all[HG_CLOCK_STAGES][HG_PHASES][MOST_EPOCHS];
    train_epoch(t, 0);
    for (int e = 0; e < epochs; e++) {
        train_epoch(t, e + 1);
        for (int s = 0; s < HG_CLOCK_STAGES; s++)
            for (int p = 0; p < HG_PHASES; p++) all[s][p][e] = t->model->work.clock.seconds[s][p];
    }
    for (int s = 0; s < HG_CLOCK_STAGES; s++)
        for (int p = 0; p < HG_PHASES; p++) seconds[s][p] = median(all[s][p], epochs);
}

/* Adds the samples of a layer. Work that threads share takes each of them its part of the rank's time. */
static void add_layer(const struct hg_work *work, int l, int place,
                      double seconds[HG_CLOCK_STAGES][HG_PHASES], struct samples *to)
{
    const struct hg_layer_work *layer = &work->layer[l];
    double sums = 0;
    for (int p = 0; p < HG_PASSES; p++) {
        const struct hg_pass_work *pass = &layer->pass[p];
        const double *phase = seconds[hg_clock_stage(l, p == HG_BACKWARD)];
        const double gathered[] = {pass->edges, pass->edges * layer->heads, pass->edges * pass->gathered};
        const double made[] = {pass->multiply_adds, pass->streamed, 0};
        hg_fit_add(&to->gather[place][p], gathered, work->threads * phase[HG_PHASE_EDGES]);
        hg_fit_add(&to->dense, made, work->threads * phase[HG_PHASE_DENSE]);
        to->table[place][p] += log(pass->table);
        sums += phase[HG_PHASE_SUMS];
    }
    const double added[] = {layer->added / work->threads, layer->summed, 0};
    hg_fit_add(&to->sums, added, sums);
}

static void add_samples(struct trial *t, int graph, struct samples *to)
{
    double seconds[HG_CLOCK_STAGES][HG_PHASES], all = 0;
    struct hg_work work;
    time_epochs(t, epochs_of[graph], seconds);
    hg_work_of(t->model, &work);
    for (int l = 0; graph != TINY && l < work.layers; l++) add_layer(&work, l, graph, seconds, to);
    const double done[] = {work.outputs / work.threads, work.parameters, 0};
    if (graph != TINY) hg_fit_add(&to->other, done, seconds[HG_CLOCK_STAGES - 1][HG_PHASE_OTHER]);
    for (int s = 0; s < HG_CLOCK_STAGES; s++)
        for (int p = 0; p < HG_PHASES; p++) all += seconds[s][p];
    if (graph == TINY) to->layer = all / work.layers;
}

static hg_status measure_graph(const struct hg_comm *alone, const struct hg_backend *backend, int graph,
                               struct samples *to)
{
    struct trial t = {0};
    hg_status status = make_graph(alone, &graphs[graph], &t.data);
    for (int k = 0; status == HG_OK && k < (int)MODELS; k++) {
        if ((models[k].graphs & 1U << graph) == 0) continue;
        status = begin_trial(backend, &models[k], &t);
        if (status == HG_OK) add_samples(&t, graph, to);
        end_trial(&t);
    }
    hg_dataset_destroy(&t.data);
    return status;
}

static void solve(const struct samples *from, struct hg_rates *rates)
{
    double rate[HG_FIT_TERMS];
    for (int place = 0; place < HG_GATHER_PLACES; place++)
        for (int p = 0; p < HG_PASSES; p++) {
            const struct hg_fit *fit = &from->gather[place][p];
            hg_fit_solve(fit, rate);
            rates->gather[place][p] = (struct hg_gather_rate){
                rate[0], rate[1], rate[2], exp(from->table[place][p] / fmax(fit->samples, 1))};
        }
    hg_fit_solve(&from->dense, rate);
    rates->multiply_add = rate[0];
    rates->stream = rate[1];
    hg_fit_solve(&from->sums, rate);
    rates->sum = rate[0];
    rates->merge = rate[1];
    hg_fit_solve(&from->other, rate);
    rates->output = rate[0];
    rates->step = rate[1];
    rates->layer = from->layer;
}

static void begin_fits(struct samples *s)
{
    *s = (struct samples){.dense.terms = 2, .sums.terms = 2, .other.terms = 2};
    for (int place = 0; place < HG_GATHER_PLACES; place++)
        for (int p = 0; p < HG_PASSES; p++) s->gather[place][p].terms = 3;
}

/* The times of large tables where there is no memory for any: those of smaller ones. */
static void assume_large(struct hg_rates *rates)
{
    for (int p = 0; p < HG_PASSES; p++) {
        rates->gather[HG_IN_LARGE][p] = rates->gather[HG_IN_MEMORY][p];
        rates->gather[HG_IN_LARGE][p].table *= 2;
    }
}

/* `ranks` of the host measure at the same time. */
static hg_status measure_work(const struct hg_comm *alone, int threads, int ranks, struct hg_rates *rates)
{
    const bool large = hg_memory_left("") > ranks * large_bytes;
    static struct samples samples;
    struct hg_backend backend;
    HG_TRY(hg_backend_open(alone, threads, &backend));
    begin_fits(&samples);
    for (int graph = 0; graph < GRAPHS; graph++)
        if (graph != IN_LARGE || large) HG_TRY(measure_graph(alone, &backend, graph, &samples));
    solve(&samples, rates);
    if (!large) assume_large(rates);
    return HG_OK;
}

static hg_status measure_link(const struct hg_comm *comm, int other, struct hg_link_rate *link)
{
    double small, large;
    if (other < 0) return HG_OK;
    HG_TRY(hg_link_seconds(comm, other, 8, &small));
    HG_TRY(hg_link_seconds(comm, other, HG_EXCHANGE_CHUNK, &large));
    *link = (struct hg_link_rate){small, HG_EXCHANGE_CHUNK / fmax(large - small, 1e-9), true};
    return HG_OK;
}

static hg_status measure_links(const struct hg_comm *comm, struct hg_rates *rates)
{
    struct hg_link_ends ends;
    HG_TRY(hg_link_find(comm, &ends));
    HG_TRY(measure_link(comm, ends.near, &rates->within));
    return measure_link(comm, ends.far, &rates->between);
}

hg_status hg_rates_measure(const struct hg_comm *comm, int threads, struct hg_rates *rates)
{
    const struct hg_kernels *kernels;
    struct hg_comm alone;
    struct hg_cores cores;
    const time_t now = time(NULL);
    struct tm day;
    HG_TRY(hg_backend_kernels(comm, &kernels));
    HG_TRY(hg_cores_query(comm, &cores));
    *rates = hg_rates_default(kernels->instructions, threads * cores.ranks);
    hg_rates_processor(rates->processor);
    strftime(rates->measured, sizeof rates->measured, "%Y-%m-%d", gmtime_r(&now, &day));
    HG_TRY(measure_links(comm, rates));
    HG_TRY(hg_comm_alone(&alone));
    const hg_status status = hg_agree(comm, measure_work(&alone, threads, cores.ranks, rates));
    hg_comm_destroy(&alone);
    return status;
}
