/** Sets environment variables for Open MPI and OpenBLAS. Those that the user has set stay, except
 *  OPENBLAS_NUM_THREADS. Only the program changes the environment, never the library. */
#ifndef HG_CLI_ENVIRONMENT_H
#define HG_CLI_ENVIRONMENT_H

#include "dist/comm.h"
#include "dist/launch.h"

/** Sets variables for Open MPI that are not set. Called before MPI_Init. Local. */
void hg_environment_prepare(const struct hg_launch *launch);

/** Makes OpenBLAS use its kernels for the instruction set that the ranks agree on (nn/backend.h), so that results do
 *  not depend on the processor, and one thread. Called before hg_backend_open, which loads OpenBLAS, and which
 *  reports failures that are ignored here. Collective. */
void hg_environment_choose_blas(const struct hg_comm *comm);

#endif
