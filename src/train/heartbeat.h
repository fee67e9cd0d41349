/** Shows others that a training still runs: a thread that touches the file `owner` of its folder
 *  (train/run_owner.h), and asks the training to leave (base/requests.h) when the folder is no longer its own. */
#ifndef HG_TRAIN_HEARTBEAT_H
#define HG_TRAIN_HEARTBEAT_H

#include "base/status.h"

struct hg_heartbeat;

/** Starts the thread for run `id` in `folder`; both texts must outlive it. The thread blocks all signals. Local. */
hg_status hg_heartbeat_begin(const char *folder, const char *id, struct hg_heartbeat **beat);

/** Ends the thread. Does nothing for NULL. Local. */
void hg_heartbeat_end(struct hg_heartbeat *beat);

#endif
