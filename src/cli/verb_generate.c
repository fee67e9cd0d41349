#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/verbs.h"
#include "generate/generate.h"
#include "io/graph_file.h"
#include <string.h>

static enum hg_generator kind_of(const char *name)
{
    int kind = 0; /* hg_config_check has checked the name */
    while (kind < HG_GENERATORS - 1 && strcmp(name, hg_generator_name[kind]) != 0) kind++;
    return (enum hg_generator)kind;
}

hg_status hg_verb_generate(const struct hg_comm *comm, struct hg_config *config)
{
    struct hg_node_table rows = {0};
    const struct hg_generate_options options = {
        .kind = kind_of(config->input),
        .nodes = config->generated_nodes,
        .edges = config->num_edges,
        .features = config->num_features,
        .classes = config->num_classes,
        .seed = (uint64_t)config->train.seed,
        .split_train = config->train.data.split_train,
        .split_val = config->train.data.split_val,
    };
    hg_progress_steps(comm->rank == 0 && !config->quiet);
    hg_status status = hg_generate(comm, &options, &rows);
    if (status == HG_OK) status = hg_graph_file_write(comm, config->out, &rows, NULL);
    hg_progress_steps(false);
    if (status == HG_OK && !config->quiet) hg_print_summary(comm, config->out, &rows.info);
    hg_node_table_destroy(&rows);
    return status;
}
