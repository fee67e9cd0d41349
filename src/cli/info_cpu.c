#include "cli/info.h"
#include "cli/show.h"
#include "nn/backend.h"

/* Names of the first `count` instruction sets. */
static json_t *names(int count)
{
    json_t *list = json_array();
    for (int s = 0; s < count; s++) json_array_append_new(list, json_string(hg_kernel_sets[s]->instructions));
    return list;
}

hg_status hg_info_cpu(const struct hg_comm *comm, const struct hg_config *config)
{
    struct hg_backend backend;
    HG_TRY(hg_backend_open(comm, 1, &backend));
    json_t *all = comm->rank > 0
                      ? NULL
                      : json_pack("{s:o, s:o, s:s, s:s}", "program_holds", names(hg_num_kernel_sets),
                                  "processor_runs", names(hg_kernels_highest() + 1), "in_use",
                                  backend.kernels->instructions, "blas", backend.blas.kernels);
    return hg_show(comm, all, config->json);
}
