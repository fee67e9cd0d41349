#include "cli/estimated.h"

#include "cli/results.h"

struct hg_estimate_options hg_estimated_options(const struct hg_config *config, int ranks)
{
    const struct hg_int_list *bytes = &config->row_bytes;
    return (struct hg_estimate_options){.ranks = ranks,
                                        .per_host = (int)config->sharing_ranks,
                                        .cost = {bytes->value[0], bytes->value[bytes->count - 1]}};
}

/* a / b; 1 when both are 0: nothing travels either way. */
static double ratio(int64_t a, int64_t b)
{
    return b > 0 ? (double)a / (double)b : 1;
}

json_t *hg_estimated_row(const struct hg_estimate_options *options, int64_t halo_rows,
                         const struct hg_estimate *estimate)
{
    const struct hg_cover *cover = &estimate->cover;
    const int64_t row = options->cost.source,
                  covered = row * cover->sources + options->cost.target * cover->targets;
    return json_pack("{s:i, s:I, s:I, s:I, s:f, s:I, s:I, s:I, s:f}", "ranks", options->ranks, "halo_bytes",
                     (json_int_t)(row * halo_rows), "between_nodes",
                     (json_int_t)(row * estimate->between_hosts), "shared_bytes",
                     (json_int_t)(row * estimate->shared), "shared_ratio",
                     ratio(estimate->shared, estimate->between_hosts), "rows", (json_int_t)cover->sources,
                     "sums", (json_int_t)cover->targets, "sums_bytes", (json_int_t)covered, "sums_ratio",
                     ratio(covered, row * halo_rows));
}

void hg_estimated_print_columns(const struct hg_config *config)
{
    const struct hg_estimate_options options = hg_estimated_options(config, 1);
    hg_print(
        "estimate: bytes for each layer and direction; a row has %lld, a partial sum %lld\n"
        "  halo_bytes      what travels: halo_rows\n"
        "  between_nodes   what of it travels between nodes of %d ranks each\n"
        "  shared_bytes    the same if the ranks of a node shared one copy of a row; shared_ratio: over it\n"
        "  rows, sums      if sums over the edges from one rank to a target of another could travel in "
        "place\n"
        "                  of rows: the cheapest choice of both\n"
        "  sums_bytes      the bytes of these; sums_ratio: over halo_bytes\n\n",
        (long long)options.cost.source, (long long)options.cost.target, options.per_host);
}
