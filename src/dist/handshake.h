/** The first messages between ranks: they check that every rank runs the same build of this program. */
#ifndef HG_DIST_HANDSHAKE_H
#define HG_DIST_HANDSHAKE_H

#include "dist/comm.h"

/** Fails with HG_FAILED on every rank unless all ranks have the same version and build: "program: host B (rank 1) has
 *  build X, host A (rank 0) Y". A rank that does not send its message within 30 seconds (another program, or a build
 *  that does not know these messages) ends the job with one line, as waiting for it would never end. Tags and layout
 *  of the messages must never change, so that different builds understand each other here. Called once, before any
 *  other communication. Collective. */
hg_status hg_handshake(const struct hg_comm *comm, const char *version, const char *build);

#endif
