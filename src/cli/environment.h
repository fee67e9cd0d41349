/** What the program tells Open MPI and OpenBLAS through the environment, where the user said nothing: the program alone changes the process,
 *  never the library. */
#ifndef HG_CLI_ENVIRONMENT_H
#define HG_CLI_ENVIRONMENT_H

#include "dist/comm.h"
#include "dist/launch.h"

/** Sets variables for this process, where they are not set. Called before MPI_Init. Local. */
void hg_environment_prepare(const struct hg_launch *launch);

/** Lets OpenBLAS use kernels for the instruction set that the ranks agree on (nn/backend.h), so that its bits do not depend on the
 *  processor, and begin with one thread. Called before hg_backend_open, which tells what failed here. Collective. */
void hg_environment_choose_blas(const struct hg_comm *comm);

#endif
