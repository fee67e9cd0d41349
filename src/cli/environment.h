/** What the program tells Open MPI through the environment, where the user said nothing: the program alone changes the process, never the
 *  library. */
#ifndef HG_CLI_ENVIRONMENT_H
#define HG_CLI_ENVIRONMENT_H

#include "dist/launch.h"

/** Sets variables for this process, where they are not set. Called before MPI_Init. Local. */
void hg_environment_prepare(const struct hg_launch *launch);

#endif
