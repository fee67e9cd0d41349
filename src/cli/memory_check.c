#include "cli/memory_check.h"

#include "base/memory_left.h"
#include "dist/cores.h"
#include "forecast/forecast.h"

/* The reserve of hg_memory_left, and more: blocks are compared with what is left only when they are large. */
static const int64_t slack = (int64_t)512 << 20;

/* *bytes: the least that a rank needs on average; 0 where there are too few cells for that to say anything about a
 * single rank. */
static hg_status least_of_rank(int ranks, const struct hg_train_options *options, int64_t *bytes)
{
    enum { CELLS_PER_RANK = 8 };
    static const struct hg_outline_assumed assumed = {.labelled = 1};
    const struct hg_data_options data = hg_train_options_data(options);
    struct hg_outline outline = {0};
    struct hg_comm alone;
    *bytes = 0;
    HG_TRY(hg_comm_alone(&alone));
    const struct hg_forecast_of of = {.outline = &outline, .options = options};
    hg_status status = hg_outline_read(&alone, &data, true, &assumed, &outline);
    if (status == HG_OK && outline.num_cells >= (int64_t)CELLS_PER_RANK * ranks)
        status = hg_forecast_least(&of, ranks, bytes);
    hg_outline_destroy(&outline);
    hg_comm_destroy(&alone);
    /* cells are shared out evenly but for a few per cent */
    *bytes = *bytes / ranks / 10 * 9;
    return status;
}

/* What is wrong with the file or the options, the training itself says better. */
static int64_t least_or_nothing(int ranks, const struct hg_train_options *options)
{
    int64_t bytes = 0;
    if (least_of_rank(ranks, options, &bytes) == HG_OK) return bytes;
    hg_status_clear();
    return 0;
}

static hg_status compare(const struct hg_comm *comm, const char *graph, int64_t least)
{
    struct hg_cores cores;
    const double gb = 1e9;
    HG_TRY(hg_cores_query(comm, &cores));
    const int64_t wanted = least * cores.ranks, left = hg_memory_left("");
    if (left > INT64_MAX - slack || wanted <= left + slack) return HG_OK;
    return hg_fail(HG_NOMEM, graph,
                   "cannot fit: %s of a host need%s at least %.3g GB, and it has %.3g GB left; "
                   "halogat plan says how many ranks and nodes fit, --no-memory-check tries all the same",
                   cores.ranks == 1 ? "one rank" : "the ranks", cores.ranks == 1 ? "s" : "",
                   (double)wanted / gb, (double)left / gb);
}

hg_status hg_memory_check(const struct hg_comm *comm, const struct hg_train_options *options)
{
    int64_t least = comm->rank == 0 ? least_or_nothing(comm->size, options) : 0;
    hg_comm_bcast(comm, &least, sizeof least, 0);
    return hg_agree(comm, compare(comm, options->data.graph, least));
}
