#include "train/identity.h"

#include "base/mix.h"
#include "io/graph_content.h"
#include <stdio.h>

static uint64_t hash_of(uint64_t a, uint64_t b, uint64_t seed)
{
    return hg_mix64(a + hg_mix64(b + seed));
}

/* Two sums of hashes over all nodes (imported id and place in the cell order), which do not depend on who owns a
 * node, and hashes of where cells begin. */
static void hash_cells(const struct hg_comm *comm, const struct hg_dataset *data,
                       char hex[HG_CELLS_HASH_BYTES])
{
    static const uint64_t seeds[2] = {UINT64_C(0x6c62272e07bb0142), UINT64_C(0x9e3779b97f4a7c15)};
    int64_t sums[2];
    for (int k = 0; k < 2; k++) {
        uint64_t sum = 0;
        for (int64_t i = 0; i < data->rows.count; i++)
            sum += hash_of((uint64_t)data->rows.imported[i], (uint64_t)data->rows.stored[i], seeds[k]);
        for (int64_t c = 0; comm->rank == 0 && c <= data->cells.count; c++)
            sum += hash_of((uint64_t)data->cells.offsets[c], (uint64_t)c, ~seeds[k]);
        sums[k] = (int64_t)sum;
    }
    hg_comm_sum_i64(comm, sums, 2);
    snprintf(hex, HG_CELLS_HASH_BYTES, "%016llx%016llx", (unsigned long long)sums[0],
             (unsigned long long)sums[1]);
}

hg_status hg_identity_find(const struct hg_comm *comm, const struct hg_data_options *options,
                           const struct hg_dataset *data, const struct hg_backend *backend,
                           struct hg_identity *identity)
{
    *identity = (struct hg_identity){
        .instructions = backend->kernels->instructions, .blas = backend->blas.kernels, .init = "none"};
    hash_cells(comm, data, identity->cells);
    snprintf(identity->graph, sizeof identity->graph, "%s", data->info.content);
    if (identity->graph[0] != '\0') return HG_OK;
    return hg_graph_content(comm, options->graph, options->graph, identity->graph);
}
