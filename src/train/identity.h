/** What the bits of a training depend on beside its options: the graph, its cells, the kernels and the initial
 *  parameters. A run is resumed only where they are the same. */
#ifndef HG_TRAIN_IDENTITY_H
#define HG_TRAIN_IDENTITY_H

#include "nn/backend.h"
#include "train/dataset.h"

enum { HG_CELLS_HASH_BYTES = 33 };

struct hg_identity {
    char graph[65];                  /**< content_sha256 (docs/formats.md) */
    char cells[HG_CELLS_HASH_BYTES]; /**< hash of the cells and of the order of the nodes, in hexadecimal */
    const char *instructions;        /**< of the kernels; not owned */
    const char *blas;                /**< kernels that OpenBLAS uses; not owned */
    char init[65];                   /**< SHA-256 of the parameters of --init; "none" without it */
};

/** Finds the identity of a data set that was opened with these options (init: "none"). Takes content_sha256 from the
 *  file, and computes it where the file has none. Collective. */
hg_status hg_identity_find(const struct hg_comm *comm, const struct hg_data_options *options,
                           const struct hg_dataset *data, const struct hg_backend *backend,
                           struct hg_identity *identity);

#endif
