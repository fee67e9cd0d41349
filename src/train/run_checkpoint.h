/** The checkpoints of a run: what they hold, when they are written, and how a run continues from one.
 *
 *  checkpoint-EPOCH.h5 and last.h5 hold all that the run needs to continue with the same bits: parameters, moments of
 *  the optimizer, the best parameters, the last ones with a finite loss, and the state of early stopping. No state of
 *  random numbers: they are functions of seed, epoch and ids (base/rng.h). best.h5 holds parameters only.
 */
#ifndef HG_TRAIN_RUN_CHECKPOINT_H
#define HG_TRAIN_RUN_CHECKPOINT_H

#include "train/run.h"

/** The requests (base/requests.h) of this rank for the running epoch: those from outside, and on rank 0 those by time
 *  and by --checkpoint-every. Sets run->pace.own. Local. */
unsigned hg_run_requests(struct hg_run *run, int64_t epoch);

/** Does after an epoch what any rank has requested (run->pace.all): writes checkpoint and best parameters, and removes
 *  old checkpoints. Sets run->pace.stopped. Fails when the folder belongs to another training. Collective. */
hg_status hg_run_serve(struct hg_run *run);

/** Writes best.h5. Collective. */
hg_status hg_run_write_best(struct hg_run *run);

/** Writes last.h5: the state of the run, or of a run that has diverged its last sound parameters. Collective. */
hg_status hg_run_write_last(struct hg_run *run);

/** Continues from the newest sound checkpoint in the run's folder, if there is one: sets the state of the run. Each
 *  damaged checkpoint is named by callbacks->warn. Fails, naming the difference, when options, graph, cells or
 *  instruction set of the checkpoint are not the run's. Collective. */
hg_status hg_run_resume(struct hg_run *run);

/** Fails when a run that is complete, and part of a series that is resumed, is not one of this training, by its last.h5
 *  as in hg_run_resume. Without a sound last.h5, which is named, its id alone tells. Local, for rank 0. */
hg_status hg_run_check_complete(struct hg_run *run);

/** A number of the state of a run that checkpoints keep as an attribute: an integer or a real. */
struct hg_run_number {
    const char *name;
    int64_t *integer;
    double *real;
};
enum { HG_RUN_NUMBERS = 14 };

/** Lists the numbers of the run's state, and its vectors, which hg_trained_write and hg_trained_read take; returns the
 *  number of vectors. Local. */
void hg_run_numbers(struct hg_run *run, struct hg_run_number list[HG_RUN_NUMBERS]);
int hg_run_vectors(struct hg_run *run, struct hg_trained_vector list[HG_TRAINED_VECTORS]);

#endif
