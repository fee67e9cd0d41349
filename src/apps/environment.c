#include "apps/environment.h"

#include "base/cores.h"
#include <stdlib.h>
#include <unistd.h>

/* A process that nobody launched: MPI_Init would start a daemon for it, which costs as much time as all the rest of the start, and
 * is good only for starting further processes. */
static bool nobody_launched(const struct hg_launch *launch)
{
    static const char *const variables[] = {"OMPI_COMM_WORLD_SIZE",
                                            "OMPI_MCA_orte_hnp_uri",
                                            "PMIX_NAMESPACE",
                                            "PMIX_RANK",
                                            "PMI_FD",
                                            "PMI_RANK",
                                            "PMI_SIZE",
                                            "PMI_PORT"};
    for (size_t k = 0; k < sizeof variables / sizeof *variables; k++)
        if (getenv(variables[k]) != NULL) return false;
    return launch->launcher == NULL || hg_launch_mute(launch);
}

/* More ranks than cores: one that waits for messages holds up another that would send them. Open MPI sees it only when there are
 * more ranks than slots, and hosts may be given more slots than they have cores. */
static bool ranks_share_cores(const struct hg_launch *launch)
{
    const char *text = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    const int own = hg_cores_allowed(0), launchers = hg_cores_allowed(getppid());
    (void)launch;
    return text != NULL && atoi(text) > own && atoi(text) > launchers;
}

static const struct {
    const char *variable;
    bool (*wanted)(const struct hg_launch *launch);
} settings[] = {
    {"OMPI_MCA_ess_singleton_isolated", nobody_launched},
    {"OMPI_MCA_mpi_yield_when_idle", ranks_share_cores},
};

void hg_environment_prepare(const struct hg_launch *launch)
{
    if (hg_launch_mute(launch)) unsetenv("SLURM_STEP_ID"); /* a step's one task is on its own */
    for (size_t k = 0; k < sizeof settings / sizeof *settings; k++)
        if (settings[k].wanted(launch)) setenv(settings[k].variable, "1", 0);
}
