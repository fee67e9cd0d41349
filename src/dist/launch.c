#include "dist/launch.h"

#include "dist/comm.h"
#include <stdlib.h>
#include <string.h>

/* A whole number >= 0 in the environment; `otherwise` when the variable is not set or holds something else. */
static int64_t number(const char *variable, int64_t otherwise)
{
    const char *text = getenv(variable);
    char *end = NULL;
    if (text == NULL) return otherwise;
    const long long value = strtoll(text, &end, 10);
    return end != text && *end == '\0' && value >= 0 ? value : otherwise;
}

/* The innermost launcher comes first, as mpirun may run inside a SLURM step. `tasks` and `task` are environment
 * variables. */
static const struct hg_launcher {
    const char *name, *tasks, *task;
} launchers[] = {
    {"Open MPI's mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"},
    {"MVAPICH's mpirun", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"},
    {"a launcher of another MPI (MPICH, Intel) or of SLURM's PMI", "PMI_SIZE", "PMI_RANK"},
    {"srun", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID"},
};
enum { LAUNCHERS = sizeof launchers / sizeof *launchers };

/* Whether srun started this process. SLURM gives the highest step ids to what srun did not start: batch script,
 * interactive shell, extern. */
static bool in_step(void)
{
    const int64_t special = 0xfffffff0, id = number("SLURM_STEP_ID", number("SLURM_STEPID", special));
    return id < special;
}

struct hg_launch hg_launch_read(void)
{
    for (int k = 0; k < LAUNCHERS; k++) {
        const struct hg_launcher *l = &launchers[k];
        const int64_t tasks = number(l->tasks, 0);
        if (tasks > 0) return (struct hg_launch){l->name, l->tasks, tasks, number(l->task, 0)};
    }
    /* SLURM without SLURM_STEP_NUM_TASKS: SLURM_NTASKS counts the tasks of the allocation, so it is used only within
     * a step */
    const int64_t tasks = number("SLURM_NTASKS", 1);
    if (in_step() && getenv("SLURM_PROCID") != NULL)
        return (struct hg_launch){"srun", "SLURM_NTASKS", tasks, number("SLURM_PROCID", 0)};
    return (struct hg_launch){NULL, NULL, 1, 0};
}

bool hg_launch_singleton(const struct hg_launch *launch, int world)
{
    return world == 1 && launch->tasks > 1;
}

bool hg_launch_unconnected(const struct hg_launch *launch)
{
#ifdef OPEN_MPI
    /* Open MPI connects to srun through PMIx or PMI only */
    static const char *const variables[] = {"PMIX_NAMESPACE", "PMIX_RANK", "PMI_FD", "PMI_RANK"};
    if (launch->launcher == NULL || strcmp(launch->launcher, "srun") != 0) return false;
    for (size_t k = 0; k < sizeof variables / sizeof *variables; k++)
        if (getenv(variables[k]) != NULL) return false;
    return true;
#else
    (void)launch;
    return false;
#endif
}

hg_status hg_launch_check(const struct hg_launch *launch, int world)
{
    if (!hg_launch_singleton(launch, world)) return HG_OK;
    return hg_fail(
        HG_FAILED, "ranks",
        "%s started %lld tasks (%s), but MPI sees each of them alone, as one rank of one: use srun "
        "--mpi=pmix, or the mpirun of the MPI that halogat was built with (mpirun -n 1 for one process "
        "on purpose)",
        launch->launcher, (long long)launch->tasks, launch->variable);
}
