#include "partition/shard/side.h"

/* mean_f = sum_{e in [first, end)} attr_ef / (end - first), 0 for a node without incoming edges */
static void mean_features(const hg_real *attr, hg_eid first, hg_eid end, int64_t cols, hg_real *mean)
{
    for (int64_t f = 0; f < cols; f++) {
        double sum = 0;
        for (hg_eid e = first; e < end; e++) sum += (double)attr[e * cols + f];
        mean[f] = end > first ? (hg_real)(sum / (double)(end - first)) : 0;
    }
}

/* Swaps edge e with the one before it. */
static void swap_back(struct hg_side *side, hg_eid e, int64_t cols)
{
    const hg_lid index = side->indices[e];
    side->indices[e] = side->indices[e - 1];
    side->indices[e - 1] = index;
    if (side->edge_id != NULL) {
        const hg_gid id = side->edge_id[e];
        side->edge_id[e] = side->edge_id[e - 1];
        side->edge_id[e - 1] = id;
    }
    for (int64_t f = 0; f < cols; f++) {
        hg_real *attr = side->edge_attr + e * cols + f;
        const hg_real value = *attr;
        *attr = attr[-cols];
        attr[-cols] = value;
    }
}

void hg_self_loops_insert(struct hg_side *side, hg_lid owned, int64_t edge_features)
{
    for (hg_lid i = 0; i < owned; i++) {
        const hg_eid first = side->indptr[i], last = side->indptr[i + 1] - 1;
        side->indices[last] = i;
        if (side->edge_id != NULL) side->edge_id[last] = -1;
        if (edge_features > 0)
            mean_features(side->edge_attr, first, last, edge_features,
                          side->edge_attr + last * edge_features);
        for (hg_eid e = last; e > first && side->imported[side->indices[e - 1]] > side->imported[i]; e--)
            swap_back(side, e, edge_features);
    }
}
