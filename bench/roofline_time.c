#include "roofline.h"

#include "base/clock.h"
#include "cli/environment.h"
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double hg_roof_median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof *values, ascending);
    return values[count / 2];
}

double hg_roof_seconds(const struct hg_roof *roof, hg_roof_pass *pass, void *context)
{
    double seconds[HG_ROOF_ROUNDS];
    pass(context);
    for (int r = 0; r < roof->rounds; r++) {
        const double start = hg_clock_seconds();
        pass(context);
        seconds[r] = hg_clock_seconds() - start;
    }
    return hg_roof_median(seconds, roof->rounds);
}

void hg_roof_fill(hg_real *values, int64_t n)
{
    for (int64_t k = 0; k < n; k++) values[k] = (hg_real)(k * 40503 % 1024) / 1024 - (hg_real)0.5;
}

int hg_roof_main(int argc, char **argv, const struct argp *argp, void *request, hg_roof_measure *measure)
{
    struct hg_comm comm;
    argp_err_exit_status = hg_exit_code(HG_USAGE);
    argp_parse(argp, argc, argv, 0, NULL, request);
    hg_mpi_begin(&argc, &argv);
    hg_status status = hg_comm_create(MPI_COMM_WORLD, &comm);
    if (status == HG_OK) hg_environment_choose_blas(&comm);
    if (status == HG_OK) status = hg_agree(&comm, measure(&comm, request));
    if (status != HG_OK && comm.rank == 0)
        fprintf(stderr, "%s: %s\n", program_invocation_short_name, hg_status_message());
    hg_comm_destroy(&comm);
    hg_mpi_end();
    return hg_exit_code(status);
}
