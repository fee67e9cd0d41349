#include "cli/summary.h"

#include "base/printable.h"
#include "cli/results.h"
#include "io/atomic.h"
#include <stdio.h>

static const char *output_word(const struct hg_graph_info *info)
{
    static const char *const word[HG_TASKS] = {
        [HG_SINGLE_LABEL] = "classes", [HG_MULTI_LABEL] = "labels", [HG_REGRESSION] = "targets"};
    return word[info->task];
}

void hg_print_summary(const struct hg_comm *comm, const char *path, const struct hg_graph_info *info)
{
    char shown[HG_PRINTABLE_GROWTH * HG_PATH_BYTES];
    if (comm->rank != 0) return;
    hg_print("%s: %lld nodes, %lld edges (%s), %lld %s features, %lld %s (%s)",
             hg_printed(path, shown, sizeof shown), (long long)info->num_nodes, (long long)info->num_edges,
             info->symmetric ? "symmetric" : "directed", (long long)info->num_features,
             info->sparse ? "sparse" : "dense", (long long)info->num_outputs, output_word(info),
             hg_task_name[info->task]);
    if (info->num_edge_features > 0) hg_print(", %lld edge features", (long long)info->num_edge_features);
    if (info->num_splits > 1) hg_print(", %lld splits", (long long)info->num_splits);
    hg_print("%s\n", info->num_splits == 0 ? ", no split" : "");
}

void hg_print_notes(const struct hg_comm *comm, const struct hg_notes *notes)
{
    if (comm->rank != 0) return;
    fputs(notes->text, hg_results());
    if (notes->dropped > 0) hg_print("... and %lld more notes\n", (long long)notes->dropped);
}
