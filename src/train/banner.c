#include "train/banner.h"

#include "base/build.h"
#include "base/mem.h"
#include "base/printable.h"
#include "dist/cores.h"
#include "io/paths.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINES = 16 /* of ranks whose place is shown */ };

/* Where a rank runs. */
struct place {
    char host[64], cores[64];
    int threads;
};

static void say(const struct hg_train_callbacks *callbacks, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void say(const struct hg_train_callbacks *callbacks, const char *format, ...)
{
    va_list args;
    if (callbacks->say == NULL) return;
    va_start(args, format);
    callbacks->say(callbacks->context, format, args);
    va_end(args);
}

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

static int count_hosts(const struct place *places, int ranks)
{
    int hosts = 0;
    for (int r = 0; r < ranks; r++) {
        bool seen = false;
        for (int q = 0; q < r; q++) seen |= strcmp(places[q].host, places[r].host) == 0;
        hosts += !seen;
    }
    return hosts;
}

static bool same_place(const struct place *a, const struct place *b)
{
    return strcmp(a->host, b->host) == 0 && strcmp(a->cores, b->cores) == 0 && a->threads == b->threads;
}

/* A line for each group of consecutive ranks in the same place, unless all are. */
static void say_places(const struct hg_train_callbacks *callbacks, const struct place *places, int ranks)
{
    int lines = 0;
    for (int first = 0, end; first < ranks; first = end) {
        for (end = first + 1; end < ranks && same_place(&places[first], &places[end]);) end++;
        if (end - first == ranks) return;
        if (lines++ == LINES) {
            say(callbacks, "  ...\n");
            return;
        }
        char which[64];
        snprintf(which, sizeof which, end - first == 1 ? "rank %d" : "ranks %d-%d", first, end - 1);
        say(callbacks, "  %s on %s: %d thread%s on %s\n", which, places[first].host, places[first].threads,
            plural(places[first].threads), places[first].cores);
    }
}

static void say_graph(const struct hg_train_callbacks *callbacks, const char *graph,
                      const struct hg_dataset *data)
{
    char name[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    const struct hg_graph_info *info = &data->info;
    say(callbacks,
        "%s: %lld nodes, %lld edges (with self-loops of the model: %lld), %lld features, %lld outputs, %s\n",
        hg_printed(info->name[0] != '\0' ? info->name : graph, name, sizeof name), (long long)info->num_nodes,
        (long long)info->num_edges, (long long)data->shard.num_edges, (long long)info->num_features,
        (long long)info->num_outputs, hg_task_name[info->task]);
    if (data->split_seed >= 0)
        say(callbacks, "split drawn with seed %lld: train %lld, val %lld, test %lld%s\n",
            (long long)data->split_seed, (long long)data->entries[HG_TRAIN], (long long)data->entries[HG_VAL],
            (long long)data->entries[HG_TEST],
            data->replaces_masks ? "; the masks of the file are left alone" : "");
}

static void say_program(const struct hg_train_callbacks *callbacks, const struct hg_backend *backend)
{
    char build[HG_BUILD_ID_BYTES];
    hg_build_id(build);
    say(callbacks, "halogat %s (build %.12s), kernels for %s, OpenBLAS for %s\n", HG_VERSION, build,
        backend->kernels->instructions, backend->blas.kernels);
}

static void say_ranks(const struct hg_train_callbacks *callbacks, const struct place *places, int ranks,
                      int64_t cells, int64_t parameters)
{
    const int hosts = count_hosts(places, ranks), threads = places[0].threads;
    say(callbacks, "%d rank%s x %d thread%s on %d host%s (rank 0 on %s of %s), %lld cells, %lld parameters\n",
        ranks, plural(ranks), threads, plural(threads), hosts, plural(hosts), places[0].cores, places[0].host,
        (long long)cells, (long long)parameters);
    say_places(callbacks, places, ranks);
}

hg_status hg_banner_say(const struct hg_comm *comm, const struct hg_train_callbacks *callbacks,
                        const char *graph, const struct hg_dataset *data, const struct hg_backend *backend,
                        int64_t parameters)
{
    struct place mine = {.threads = backend->threads}, *places = NULL;
    char host[64] = "", shown[HG_PRINTABLE_GROWTH * 64];
    gethostname(host, sizeof host - 1);
    snprintf(mine.host, sizeof mine.host, "%.63s", hg_printed(host, shown, sizeof shown));
    hg_cores_text(mine.cores, sizeof mine.cores);
    const hg_status status = hg_agree(comm, HG_NEW(places, comm->size));
    if (status == HG_OK) hg_comm_allgather_bytes(comm, &mine, sizeof mine, places);
    if (status == HG_OK && comm->rank == 0) {
        say_program(callbacks, backend);
        say_graph(callbacks, graph, data);
        say_ranks(callbacks, places, comm->size, data->shard.num_cells, parameters);
    }
    hg_mem_free(places);
    return status;
}
