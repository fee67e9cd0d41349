#include "nn/backend.h"

#include "dist/cores.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hg_status fail_choice(const char *name, const char *why)
{
    char known[256] = "";
    for (int s = 0; s < hg_num_kernel_sets; s++) {
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", s > 0 ? ", " : "",
                 hg_kernel_sets[s]->instructions);
    }
    return hg_fail(HG_USAGE, "HALOGAT_ISA", "\"%.40s\" %s (%s)", name, why, known);
}

/* *set = index (hg_kernel_sets) of the highest instruction set that this rank may use. */
static hg_status choose(int64_t *set)
{
    const char *name = getenv("HALOGAT_ISA");
    *set = hg_kernels_highest();
    if (name == NULL || name[0] == '\0') return HG_OK;
    const int wanted = hg_kernels_find(name);
    if (wanted < 0) return fail_choice(name, "is none of the instruction sets of this program");
    if (wanted > *set) return fail_choice(name, "is more than this processor runs");
    *set = wanted;
    return HG_OK;
}

/* Fails when ranks use different kernels of OpenBLAS, as results would differ between ranks. It can happen when
 * another library loaded a BLAS first, or when OPENBLAS_CORETYPE differs. */
static hg_status compare_blas(const struct hg_comm *comm, const struct hg_blas *blas)
{
    struct hg_blas first = *blas;
    hg_comm_bcast(comm, first.kernels, sizeof first.kernels, 0);
    if (strcmp(first.kernels, blas->kernels) == 0) return HG_OK;
    return hg_fail(HG_FAILED, "BLAS",
                   "ranks use kernels of different kinds, %s and %s (OPENBLAS_CORETYPE chooses one for all)",
                   first.kernels, blas->kernels);
}

hg_status hg_backend_kernels(const struct hg_comm *comm, const struct hg_kernels **kernels)
{
    int64_t set;
    HG_TRY(hg_agree(comm, choose(&set)));
    hg_comm_min_i64(comm, &set, 1);
    *kernels = hg_kernel_sets[set];
    return HG_OK;
}

hg_status hg_backend_open(const struct hg_comm *comm, int threads, struct hg_backend *backend)
{
    struct hg_cores cores;
    *backend = (struct hg_backend){.threads = threads};
    HG_TRY(hg_backend_kernels(comm, &backend->kernels));
    HG_TRY(hg_cores_query(comm, &cores));
    backend->oversubscribed = hg_cores_oversubscribed(&cores, threads);
    HG_TRY(hg_agree(comm, hg_blas_open(backend->kernels, threads, &backend->blas)));
    return hg_agree(comm, compare_blas(comm, &backend->blas));
}
