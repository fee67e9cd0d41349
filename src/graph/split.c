#include "graph/split.h"

#include "base/mem.h"
#include "base/rng.h"
#include "dist/kth.h"
#include <math.h>

static bool is_labelled(const struct hg_node_table *rows, int64_t i)
{
    const int64_t outputs = rows->info.num_outputs;
    if (!rows->info.has_labels) return false;
    if (rows->info.task == HG_SINGLE_LABEL) return rows->y_class[i] >= 0;
    for (int64_t t = 0; t < outputs; t++) {
        if (rows->info.task == HG_MULTI_LABEL && rows->y_label[i * outputs + t] <= 1) return true;
        if (rows->info.task == HG_REGRESSION && !isnan(rows->y_target[i * outputs + t])) return true;
    }
    return false;
}

/* draws[i] = a random number for each labelled node, a function of the seed and the imported id; UINT64_MAX for nodes
 * without a label. Returns the number of labelled nodes on this rank. */
static int64_t draw_nodes(const struct hg_node_table *rows, uint64_t seed, uint64_t *draws)
{
    const struct hg_rng rng = hg_rng_stream(seed, HG_RNG_SPLIT, 0, 0);
    int64_t labelled = 0;
    for (int64_t i = 0; i < rows->count; i++) {
        draws[i] = UINT64_MAX;
        if (!is_labelled(rows, i)) continue;
        draws[i] = (uint64_t)(hg_rng_uniform(rng, (uint64_t)rows->imported[i], 0) * 0x1p53);
        labelled++;
    }
    return labelled;
}

static hg_status allocate_masks(struct hg_node_table *rows)
{
    rows->info.num_splits = 1;
    for (int s = 0; s < HG_SPLITS; s++) {
        rows->info.has_split[s] = true;
        HG_FREE(rows->mask[s]);
    }
    for (int s = 0; s < HG_SPLITS; s++) HG_TRY(HG_NEW(rows->mask[s], rows->count));
    return HG_OK;
}

/* Assigns labelled nodes by their random numbers: the `train` smallest to training, the next `val` to validation, the
 * others to the test set. Collective. */
static hg_status assign(const struct hg_comm *comm, struct hg_node_table *rows, const uint64_t *draws,
                        int64_t train, int64_t val)
{
    uint64_t threshold[2] = {0, 0};
    if (train > 0) HG_TRY(hg_select_smallest(comm, draws, rows->count, train, &threshold[0]));
    if (train + val > 0) HG_TRY(hg_select_smallest(comm, draws, rows->count, train + val, &threshold[1]));
    for (int64_t i = 0; i < rows->count; i++) {
        if (draws[i] == UINT64_MAX) continue;
        enum hg_split split = HG_TEST;
        if (train > 0 && draws[i] <= threshold[0])
            split = HG_TRAIN;
        else if (train + val > 0 && draws[i] <= threshold[1])
            split = HG_VAL;
        rows->mask[split][i] = 1;
    }
    return HG_OK;
}

hg_status hg_random_split(const struct hg_comm *comm, struct hg_node_table *rows, double train, double val,
                          uint64_t seed)
{
    uint64_t *draws = NULL;
    hg_status status = HG_OK;
    if (!(train >= 0 && val >= 0 && train + val <= 1 + 1e-9))
        status =
            hg_fail(HG_USAGE, "random split", "shares %g and %g are not within 0..1 together", train, val);
    if (status == HG_OK) status = HG_NEW(draws, rows->count);
    if (status == HG_OK) status = allocate_masks(rows);
    status = hg_agree(comm, status);
    if (status == HG_OK) {
        int64_t labelled = draw_nodes(rows, seed, draws);
        hg_comm_sum_i64(comm, &labelled, 1);
        const int64_t num_train = llround(train * (double)labelled);
        const int64_t num_val = hg_min_i64(llround(val * (double)labelled), labelled - num_train);
        status = labelled > 0 ? assign(comm, rows, draws, num_train, num_val)
                              : hg_fail(HG_FAILED, "random split", "no node has a label");
    }
    hg_mem_free(draws);
    return status;
}
