/** Writes predictions as text, for shell tools: one line per node, in the imported order. */
#ifndef HG_INFER_NODE_TEXT_H
#define HG_INFER_NODE_TEXT_H

#include "train/dataset.h"

/** Writes `path` atomically. The fields of a line are separated by tabs: the node's name, or its id when there are no
 *  names, then
 *
 *      single-label  the name or number of the predicted class, and its softmax probability
 *      multi-label   the names or numbers of the predicted labels, separated by commas
 *      regression    the outputs
 *
 *  Names are escaped (base/printable.h; backslashes, and in lists commas, get a backslash), so that they contain no
 *  tabs and no line ends.
 *
 *  value [owned, C]: logits, or outputs in the user's units. Collective. */
hg_status hg_node_text_write(const struct hg_comm *comm, const char *path, const struct hg_dataset *data,
                             const hg_real *value);

#endif
