/** The backend: what the ranks compute with. It consists of threads, the kernels of one instruction set, and the BLAS
 *  that goes with it.
 *
 *  All ranks use the highest instruction set that every one of them supports, so that results do not depend on which
 *  rank owns a cell. */
#ifndef HG_NN_BACKEND_H
#define HG_NN_BACKEND_H

#include "dist/comm.h"
#include "kernels/dense.h"
#include "kernels/kernels.h"

struct hg_backend {
    int threads;         /**< threads of this rank, >= 1 */
    bool oversubscribed; /**< the ranks of this host have more threads than cores */
    const struct hg_kernels *kernels;
    struct hg_blas blas;
};

/** Chooses the same kernels on all ranks: those of the highest instruction set that every rank supports, or of a
 *  lower one that the environment variable HALOGAT_ISA names. Fails with HG_USAGE when the program does not contain
 *  the named set, or a processor does not support it. Collective. */
hg_status hg_backend_kernels(const struct hg_comm *comm, const struct hg_kernels **kernels);

/** Chooses the kernels and loads the BLAS. Fails when the BLAS cannot be loaded, or when ranks use different kernels
 *  of it. There is nothing to close. Collective. */
hg_status hg_backend_open(const struct hg_comm *comm, int threads, struct hg_backend *backend);

#endif
