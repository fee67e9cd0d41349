/** What `train` says before it begins: program, graph, and the hosts, threads and cores of the ranks. */
#ifndef HG_TRAIN_BANNER_H
#define HG_TRAIN_BANNER_H

#include "nn/backend.h"
#include "train/callbacks.h"
#include "train/dataset.h"

/** Calls callbacks->say with the lines; `parameters`: number of parameters of the model. Collective. */
hg_status hg_banner_say(const struct hg_comm *comm, const struct hg_train_callbacks *callbacks,
                        const char *graph, const struct hg_dataset *data, const struct hg_backend *backend,
                        int64_t parameters);

#endif
