/** What the ranks compute with: threads, the kernels of one instruction set, and the BLAS that goes with it.
 *
 *  All ranks take the highest set that every one of them runs, so that it does not show in the bits where a cell
 *  lies.
 */
#ifndef HG_NN_BACKEND_H
#define HG_NN_BACKEND_H

#include "dist/comm.h"
#include "kernels/dense.h"
#include "kernels/kernels.h"

struct hg_backend {
    int threads;  /**< of this rank, >= 1 */
    bool crowded; /**< the ranks of this host want more cores than they have */
    const struct hg_kernels *kernels;
    struct hg_blas blas;
};

/** Agrees on the kernels: those of the highest instruction set that every rank runs, or of the lower one that the
 *  environment's HALOGAT_ISA names; HG_USAGE when this program does not hold it, or a processor does not run it.
 *  Collective. */
hg_status hg_backend_kernels(const struct hg_comm *comm, const struct hg_kernels **kernels);

/** Agrees on the kernels and loads the BLAS; fails when the ranks' BLAS chose kernels of its own that differ. Nothing to
 *  close. Collective. */
hg_status hg_backend_open(const struct hg_comm *comm, int threads, struct hg_backend *backend);

#endif
