#include "cli/environment.h"

#include "dist/cores.h"
#include "nn/backend.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Whether the process was started without a launcher. MPI_Init would then start a daemon for it, which takes as long
 * as the rest of the start and is needed only for starting further processes. */
static bool is_started_alone(const struct hg_launch *launch)
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
    return launch->launcher == NULL || hg_launch_unconnected(launch);
}

/* Whether there are more ranks than cores: a rank that waits for messages without yielding then delays the one that
 * would send them. Open MPI notices only more ranks than slots, and a host may have more slots than cores. */
static bool ranks_share_cores(void)
{
    const char *text = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    const int own = hg_cores_allowed(0), launchers = hg_cores_allowed(getppid());
    return text != NULL && atoi(text) > own && atoi(text) > launchers;
}

/* Makes Open MPI start without a daemon, and with a session folder of its own: by default all processes that start
 * alone share one folder, and the first to end removes it. */
static void isolate(void)
{
    static const char variable[] = "OMPI_MCA_ess_singleton_isolated";
    static const char *const temporary[] = {"TMPDIR", "TEMP", "TMP"};
    const char *base = "/tmp";
    char host[256] = "", folder[4096];
    struct timespec now;
    for (size_t k = 0; k < sizeof temporary / sizeof *temporary; k++)
        if (getenv(temporary[k]) != NULL && getenv(temporary[k])[0] != '\0') {
            base = getenv(temporary[k]);
            break;
        }
    clock_gettime(CLOCK_REALTIME, &now);
    gethostname(host, sizeof host - 1);
    const int length = snprintf(folder, sizeof folder, "%s/ompi.%s.%ld/alone.%ld.%ld", base, host,
                                (long)geteuid(), (long)getpid(), now.tv_nsec);
    if (getenv(variable) != NULL || length >= (int)sizeof folder) return;
    setenv(variable, "1", 0);
    setenv("OMPI_MCA_orte_top_session_dir", folder, 0);
}

void hg_environment_prepare(const struct hg_launch *launch)
{
    if (hg_launch_unconnected(launch)) unsetenv("SLURM_STEP_ID"); /* starts as a process of its own */
    if (is_started_alone(launch)) isolate();
    if (ranks_share_cores()) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
}

void hg_environment_choose_blas(const struct hg_comm *comm)
{
    const struct hg_kernels *kernels;
    if (hg_backend_kernels(comm, &kernels) != HG_OK) {
        hg_status_clear();
        return;
    }
    if (kernels->blas[0] != '\0') setenv("OPENBLAS_CORETYPE", kernels->blas, 0);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
}
