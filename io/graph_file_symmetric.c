/* Checks by sums of hashes that the edges equal their reverses: takes a fraction of the time and memory of an exact
 * comparison (graph_file_check.c). */
#include "graph/symmetry.h"
#include "io/graph_file_private.h"

hg_status hg_graph_file_not_symmetric(const char *path)
{
    return hg_fail(HG_FAILED, path, "it says symmetric, but its edges are not those of its reverse");
}

hg_status hg_graph_file_check_symmetric(const struct hg_comm *comm, const char *path,
                                        const struct hg_node_table *rows)
{
    if (!rows->info.symmetric || hg_rows_symmetric(comm, rows)) return HG_OK;
    return hg_graph_file_not_symmetric(path);
}
