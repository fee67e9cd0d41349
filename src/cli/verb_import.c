#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/verbs.h"
#include "io/graph_file.h"
#include "io/import/import.h"
#include "train/threads.h"

static struct hg_import_options options_of(const struct hg_config *config, struct hg_team *team,
                                           struct hg_notes *notes)
{
    struct hg_import_options options = {
        .source = config->input,
        .format = config->format,
        .features = config->features,
        .labels = config->labels,
        .targets = config->targets,
        .mask = {[HG_TRAIN] = config->train_mask, [HG_VAL] = config->val_mask, [HG_TEST] = config->test_mask},
        .names = config->names,
        .class_names = config->class_names,
        .columns = config->columns,
        .num_nodes = config->num_nodes,
        .keep_double = config->keep_double,
        .build = {.undirected = config->undirected, .keep_parallel = config->keep_parallel, .team = team},
        .has_task = config->task != NULL,
        .split_train = config->train.data.split_train,
        .split_val = config->train.data.split_val,
        .seed = (uint64_t)config->train.seed,
        .notes = notes,
    };
    if (options.has_task) hg_task_parse(config->task, &options.task);
    return options;
}

static hg_status import(const struct hg_comm *comm, const struct hg_config *config, struct hg_team *team,
                        struct hg_notes *notes, struct hg_node_table *rows)
{
    const struct hg_import_options options = options_of(config, team, notes);
    return hg_import(comm, &options, rows);
}

hg_status hg_verb_import(const struct hg_comm *comm, struct hg_config *config)
{
    struct hg_node_table rows = {0};
    struct hg_notes notes = {0};
    struct hg_team *team = NULL;
    hg_progress_steps(comm->rank == 0 && !config->quiet);
    hg_status status = hg_threads_start(comm, config->train.threads, &team);
    if (status == HG_OK) status = import(comm, config, team, &notes, &rows);
    hg_team_destroy(team);
    if (status == HG_OK) status = hg_graph_file_write(comm, config->out, &rows, NULL);
    hg_progress_steps(false);
    if (status == HG_OK && !config->quiet) {
        hg_print_notes(comm, &notes);
        hg_print_summary(comm, config->out, &rows.info);
    }
    hg_node_table_destroy(&rows);
    return status;
}
