/** Predictions as text, a line per node in the imported order: for shell tools. */
#ifndef HG_INFER_NODE_TEXT_H
#define HG_INFER_NODE_TEXT_H

#include "train/dataset.h"

/** Writes `path` atomically. A line is tab-separated: the node's name (its id without names), then
 *
 *      single-label  the class's name (its number without names) and its softmax probability
 *      multi-label   the names of the labels predicted, separated by commas
 *      regression    the outputs
 *
 *  Names are escaped (base/printable.h, with a backslash before backslashes, and before commas in lists), so that they hold no tab and no
 *  end of a line.
 *
 *  value [owned, C]: logits, or outputs in the user's units. Collective. */
hg_status hg_node_text_write(const struct hg_comm *comm, const char *path, const struct hg_dataset *data,
                             const hg_real *value);

#endif
