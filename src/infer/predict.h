/** Outputs of a trained model for every node, in the imported order.
 */
#ifndef HG_INFER_PREDICT_H
#define HG_INFER_PREDICT_H

#include "train/trained.h"

/** Where the outputs go. */
struct hg_predict_files {
    const char *out; /**< docs/formats.md, pred.h5: /logits or /output, /prediction, /name */
    const char
        *text; /**< a line per node: name or id, prediction, and for classes its probability; NULL: none */
};

/** Writes the outputs of an open model (edge ids are not needed). Collective. */
hg_status hg_predict(const struct hg_comm *comm, struct hg_trained *trained,
                     const struct hg_predict_files *files);

#endif
