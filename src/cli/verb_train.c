#include "base/printable.h"
#include "cli/environment.h"
#include "cli/guard.h"
#include "cli/memory_check.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "cli/verbs.h"
#include "kernels/kernels.h"
#include "train/run_tree.h"
#include "train/trainer.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static void say(void *context, const char *format, va_list args)
{
    (void)context;
    vfprintf(hg_results(), format, args);
    hg_results_flush();
}

static void run_begin(void *context, const struct hg_run_heading *run)
{
    hg_progress_steps(false); /* they have their own lines */
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

static void warn(void *context, const char *line)
{
    char shown[HG_PRINTABLE_GROWTH * 1024];
    (void)context;
    fprintf(stderr, "halogat train: %s\n", hg_printed(line, shown, sizeof shown));
}

/* Makes a training that is resumed use the instruction set that it was begun with, unless HALOGAT_ISA is set. A host
 * whose processor lacks it is no mistake of the user's: a batch job may find another one. Collective. */
static hg_status resume_instructions(const struct hg_comm *comm, const char *folder)
{
    char instructions[HG_INSTRUCTIONS_BYTES] = "";
    if (comm->rank == 0) hg_run_tree_instructions(folder, instructions);
    hg_comm_bcast(comm, instructions, sizeof instructions, 0);
    if (instructions[0] == '\0' || getenv("HALOGAT_ISA") != NULL) return HG_OK;
    const int set = hg_kernels_find(instructions);
    if (set < 0 || set > hg_kernels_highest())
        return hg_fail(HG_FAILED, folder, "was begun with kernels for %s, which this processor does not run",
                       instructions);
    setenv("HALOGAT_ISA", instructions, 0);
    return HG_OK;
}

hg_status hg_verb_train(const struct hg_comm *comm, struct hg_config *config)
{
    struct hg_progress progress;
    const struct hg_train_callbacks silent = {.write_options = hg_config_write_yaml,
                                              .compare_options = hg_config_compare_yaml,
                                              .fits = config->memory_check ? hg_memory_check : NULL,
                                              .warn = warn};
    struct hg_train_callbacks talking = silent;
    talking.say = say;
    talking.run_begin = run_begin;
    talking.run_epoch = run_epoch;
    talking.run_end = run_end;
    talking.context = &progress;
    if (config->train.resume) HG_TRY(hg_agree(comm, resume_instructions(comm, config->train.out)));
    hg_environment_choose_blas(comm);
    hg_guard_stop_within(config->train.stop_within);
    hg_progress_steps(comm->rank == 0 && !config->quiet && !config->json);
    hg_status status = hg_guard_watch(comm, config->train.stall_minutes);
    if (status == HG_OK)
        status = hg_train(comm, &config->train, config->quiet || config->json ? &silent : &talking);
    hg_progress_steps(false);
    hg_guard_end();
    HG_TRY(status);
    return hg_agree(comm, config->json && comm->rank == 0 ? print_summary(config->train.out) : HG_OK);
}
