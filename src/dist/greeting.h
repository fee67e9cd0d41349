/** The first words between ranks: does every rank run the same build of this program? */
#ifndef HG_DIST_GREETING_H
#define HG_DIST_GREETING_H

#include "dist/comm.h"

/** Fails with HG_FAILED on every rank unless all ranks have the same version and build: "program: host B (rank 1) has build X, host A (rank 0)
 *  Y". A rank that does not speak in time (another program, or a build from before these words) ends the job in one line:
 *  waiting for it would have no end. The messages stay as they are for ever. Called once, before all others. Collective. */
hg_status hg_greet(const struct hg_comm *comm, const char *version, const char *build);

#endif
