/** Writes the outputs and predictions of a trained model for every node, in the imported order.
 */
#ifndef HG_INFER_PREDICT_H
#define HG_INFER_PREDICT_H

#include "train/trained.h"

/** The class that outputs [classes] predict: the first with the largest output. Local. */
static inline int64_t hg_predicted_class(const hg_real *output, int64_t classes)
{
    int64_t best = 0;
    for (int64_t c = 1; c < classes; c++) best = output[c] > output[best] ? c : best;
    return best;
}

/** The files that are written. */
struct hg_predict_files {
    const char *out;  /**< docs/formats.md, pred.h5: /logits or /output, /prediction, /class_name, /name */
    const char *text; /**< text, one line per node (infer/node_text.h); NULL: none */
};

/** Computes and writes the outputs of a trained model. Needs no edge ids. Fails when an output is not finite.
 *  Collective. */
hg_status hg_predict(const struct hg_comm *comm, struct hg_trained *trained,
                     const struct hg_predict_files *files);

#endif
