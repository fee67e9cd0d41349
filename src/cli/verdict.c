#include "cli/verdict.h"

#include "cli/results.h"
#include <math.h>

const char *const hg_verdict_name[HG_VERDICTS] = {
    [HG_VERDICT_GOOD] = "good", [HG_VERDICT_FAIR] = "fair", [HG_VERDICT_POOR] = "poor"};

/* For each verdict: the largest excess of the busiest rank over the mean, and the largest number of received rows per
 * own row. An epoch takes as long as its busiest rank, and a received row costs about as much as an own one. */
static const struct {
    double imbalance, halo;
} limits[HG_VERDICTS] = {
    [HG_VERDICT_GOOD] = {0.1, 1}, [HG_VERDICT_FAIR] = {0.3, 3}, [HG_VERDICT_POOR] = {HUGE_VAL, HUGE_VAL}};

static double imbalance(const struct hg_judged *j)
{
    return fmax(j->quality->node_balance, j->quality->edge_balance) - 1;
}

static double halo(const struct hg_judged *j)
{
    return (double)j->quality->halo_rows / (double)hg_max_i64(j->nodes, 1);
}

enum hg_verdict hg_verdict_of(const struct hg_judged *j)
{
    int verdict = HG_VERDICT_GOOD;
    while (imbalance(j) > limits[verdict].imbalance || halo(j) > limits[verdict].halo) verdict++;
    return (enum hg_verdict)verdict;
}

/* Advice for the first problem found. */
static const char *advice(const struct hg_judged *j)
{
    enum { CELLS_PER_RANK = 16 };
    const bool uneven = imbalance(j) > limits[HG_VERDICT_GOOD].imbalance;
    if (j->cells < j->ranks)
        return "there are fewer cells than ranks, and some own nothing: fewer ranks, or more --cells";
    if (uneven && j->cells < CELLS_PER_RANK * (int64_t)j->ranks)
        return "more --cells can be shared out more evenly";
    if (uneven) return "one cell holds too much; fewer ranks";
    return "much travels between the ranks: fewer ranks, with more threads each";
}

void hg_verdict_print(const struct hg_judged *j)
{
    const enum hg_verdict verdict = hg_verdict_of(j);
    if (j->ranks == 1) {
        hg_print("On 1 rank nothing travels.\n");
        return;
    }
    hg_print("On %d ranks each rank computes within %.0f %% of the mean and receives %.1f rows per own row: "
             "%s%s%s.\n",
             j->ranks, ceil(100 * imbalance(j) - 1e-9), halo(j), hg_verdict_name[verdict],
             verdict == HG_VERDICT_GOOD ? "" : "; ", verdict == HG_VERDICT_GOOD ? "" : advice(j));
}

void hg_verdict_print_columns(bool compared)
{
    hg_print(
        "\n  edge_cut        edges whose ends lie on two ranks\n"
        "  halo_rows       rows that ranks receive from others for each layer, of all ranks together\n"
        "  max_halo        the same of the rank that receives most\n"
        "  node_balance    nodes of the rank with most, over the mean; 1: even\n"
        "  edge_balance    the same of edges; an epoch takes as long as its busiest rank\n"
        "  interior_share  nodes that need no row of another rank, of all: computed while rows travel\n");
    if (compared)
        hg_print("  metis_halo_rows halo_rows of METIS's partition of the whole graph into so many parts\n"
                 "  halo_ratio      halo_rows over metis_halo_rows\n");
    hg_print("\n");
}
