#include "partition/metis.h"

#include "base/mem.h"
#include <metis.h>
#include <string.h>

_Static_assert(IDXTYPEWIDTH == 32, "METIS with 32-bit indices is expected");

void hg_metis_graph_destroy(struct hg_metis_graph *graph)
{
    HG_FREE(graph->indptr);
    HG_FREE(graph->indices);
    HG_FREE(graph->node_weight);
    HG_FREE(graph->edge_weight);
}

static hg_status status_of(int code)
{
    if (code == METIS_OK) return HG_OK;
    if (code == METIS_ERROR_MEMORY) return hg_fail(HG_NOMEM, "METIS", "out of memory");
    /* its handler of SIGTERM leads to the same code as its own errors */
    if (code == METIS_ERROR)
        return hg_fail(HG_FAILED, "METIS", "was ended by SIGTERM, or failed (code %d)", code);
    return hg_fail(HG_FAILED, "METIS", "cannot partition this graph (code %d)", code);
}

hg_status hg_metis_partition(const struct hg_metis_graph *graph, const struct hg_metis_options *options,
                             int32_t *part)
{
    idx_t nodes = graph->nodes, constraints = graph->constraints, parts = options->parts, objective = 0;
    idx_t settings[METIS_NOPTIONS];
    memset(part, 0, (size_t)nodes * sizeof *part);
    if (parts <= 1 || nodes <= 1) return HG_OK;
    if (parts >= nodes) {
        for (idx_t node = 0; node < nodes; node++) part[node] = node;
        return HG_OK;
    }
    METIS_SetDefaultOptions(settings);
    settings[METIS_OPTION_NUMBERING] = 0;
    settings[METIS_OPTION_OBJTYPE] = options->volume ? METIS_OBJTYPE_VOL : METIS_OBJTYPE_CUT;
    settings[METIS_OPTION_SEED] = options->seed;
    settings[METIS_OPTION_UFACTOR] = options->ufactor;
    const int code =
        METIS_PartGraphKway(&nodes, &constraints, graph->indptr, graph->indices, graph->node_weight, NULL,
                            graph->edge_weight, &parts, NULL, NULL, settings, &objective, part);
    return status_of(code);
}
