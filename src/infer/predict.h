/** Outputs of a trained model for every node, in the imported order.
 */
#ifndef HG_INFER_PREDICT_H
#define HG_INFER_PREDICT_H

#include "train/trained.h"

/** Writes config->out (docs/formats.md: pred.h5): /logits or /output, /prediction, /name; and, with config->text, a line of
 *  text per node: name or id, prediction, and for classes its probability. Collective. */
hg_status hg_predict(const struct hg_comm *comm, struct hg_config *config);

#endif
