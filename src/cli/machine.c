#include "cli/machine.h"

#include "dist/cores.h"
#include <string.h>

hg_status hg_machine_rates_path(const char *file, char path[HG_PATH_BYTES])
{
    if (file == NULL) return hg_rates_path(path, HG_PATH_BYTES);
    if (strlen(file) >= HG_PATH_BYTES) return hg_fail(HG_USAGE, "--rates", "is too long");
    memcpy(path, file, strlen(file) + 1);
    return HG_OK;
}

hg_status hg_machine_rates(const struct hg_comm *alone, const char *file, struct hg_rates *rates,
                           bool *measured)
{
    const struct hg_kernels *kernels;
    struct hg_cores cores;
    char path[HG_PATH_BYTES];
    *measured = false;
    HG_TRY(hg_backend_kernels(alone, &kernels));
    HG_TRY(hg_cores_query(alone, &cores));
    *rates = hg_rates_default(kernels->instructions, hg_cores_share(&cores));
    if (hg_machine_rates_path(file, path) == HG_OK)
        HG_TRY(hg_rates_read(path, kernels->instructions, rates->cores, rates, measured));
    hg_status_clear();
    if (file == NULL || *measured) return HG_OK;
    return hg_fail(HG_FAILED, file, "has no rates of this processor for %s: --measure makes them",
                   kernels->instructions);
}
