#include "partition/shard/edges.h"

/* mean_f = sum_{e in [first, end)} attr_ef / (end - first), 0 for a node without in-edges */
static void mean_features(const hg_real *attr, hg_eid first, hg_eid end, int64_t cols, hg_real *mean)
{
    for (int64_t f = 0; f < cols; f++) {
        double sum = 0;
        for (hg_eid e = first; e < end; e++) sum += (double)attr[e * cols + f];
        mean[f] = end > first ? (hg_real)(sum / (double)(end - first)) : 0;
    }
}

/* Swaps edge e with edge e - 1, with ids and features. */
static void swap_back(struct hg_adjacency *adjacency, hg_eid e, int64_t cols)
{
    const hg_lid index = adjacency->indices[e];
    adjacency->indices[e] = adjacency->indices[e - 1];
    adjacency->indices[e - 1] = index;
    if (adjacency->edge_id != NULL) {
        const hg_gid id = adjacency->edge_id[e];
        adjacency->edge_id[e] = adjacency->edge_id[e - 1];
        adjacency->edge_id[e - 1] = id;
    }
    for (int64_t f = 0; f < cols; f++) {
        hg_real *attr = adjacency->edge_attr + e * cols + f;
        const hg_real value = *attr;
        *attr = attr[-cols];
        attr[-cols] = value;
    }
}

void hg_self_loops_insert(struct hg_adjacency *adjacency, hg_lid owned, int64_t edge_features)
{
    for (hg_lid i = 0; i < owned; i++) {
        const hg_eid first = adjacency->indptr[i], last = adjacency->indptr[i + 1] - 1;
        adjacency->indices[last] = i;
        if (adjacency->edge_id != NULL) adjacency->edge_id[last] = -1;
        if (edge_features > 0)
            mean_features(adjacency->edge_attr, first, last, edge_features,
                          adjacency->edge_attr + last * edge_features);
        for (hg_eid e = last;
             e > first && adjacency->imported[adjacency->indices[e - 1]] > adjacency->imported[i]; e--)
            swap_back(adjacency, e, edge_features);
    }
}
