#include "cli/progress.h"
#include "cli/results.h"
#include "cli/verbs.h"
#include "train/run_tree.h"
#include "train/trainer.h"
#include <jansson.h>
#include <stdio.h>

static void say(void *context, const char *format, va_list args)
{
    (void)context;
    vfprintf(hg_results(), format, args);
    hg_results_flush();
}

static void run_begin(void *context, const struct hg_run_heading *run)
{
    hg_progress_begin(context, run);
}

static void run_epoch(void *context, const struct hg_run_point *point)
{
    hg_progress_show(context, point);
}

static void run_end(void *context)
{
    hg_progress_end(context);
}

/* For --json: prints summary.json. */
static hg_status print_summary(const char *folder)
{
    char path[HG_PATH_BYTES];
    json_error_t error;
    HG_TRY(hg_run_tree_path(folder, "summary.json", path));
    json_t *summary = json_load_file(path, 0, &error);
    if (summary == NULL) return hg_fail(HG_FAILED, path, "%s", error.text);
    json_dumpf(summary, hg_results(), JSON_INDENT(2) | JSON_REAL_PRECISION(17));
    hg_print("\n");
    json_decref(summary);
    return HG_OK;
}

hg_status hg_verb_train(const struct hg_comm *comm, struct hg_config *config)
{
    struct hg_progress progress;
    const struct hg_train_callbacks silent = {.write_options = hg_config_write_yaml},
                                    talking = {.write_options = hg_config_write_yaml,
                                               .say = say,
                                               .run_begin = run_begin,
                                               .run_epoch = run_epoch,
                                               .run_end = run_end,
                                               .context = &progress};
    HG_TRY(hg_train(comm, &config->train, config->quiet || config->json ? &silent : &talking));
    return hg_agree(comm, config->json && comm->rank == 0 ? print_summary(config->train.out) : HG_OK);
}
