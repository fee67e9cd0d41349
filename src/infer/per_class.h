/** Compares predictions with labels, class by class. */
#ifndef HG_INFER_PER_CLASS_H
#define HG_INFER_PER_CLASS_H

#include "train/dataset.h"

/** Most classes that a confusion matrix is made for. */
enum { HG_CONFUSION_CLASSES = 1024 };

/** Numbers of nodes of the whole graph, for each split and class (or label, where a node may have several). */
struct hg_per_class {
    int64_t classes;
    int64_t *labelled;  /**< [HG_SPLITS, C] that have it; owns the memory of all arrays */
    int64_t *predicted; /**< [HG_SPLITS, C] for which it is predicted */
    int64_t *right;     /**< [HG_SPLITS, C] both */
    /** [HG_SPLITS, C, C] nodes of a class (row) for which a class (column) is predicted; NULL: nodes may have several
     *  labels, or there are more than HG_CONFUSION_CLASSES classes */
    int64_t *confusion;
};

/** Counts, for outputs [owned, C] of labelled data of a task other than regression. The predicted class is the first
 *  of those with the largest output; a label is predicted where its output is above 0. Destroy it also after a failure.
 *  Collective. */
hg_status hg_per_class_count(const struct hg_dataset *data, const hg_real *outputs,
                             struct hg_per_class *per_class);
void hg_per_class_destroy(struct hg_per_class *per_class);

/** Of a split and class: right / predicted, right / labelled, and their harmonic mean; NaN where the divisor is 0.
 *  Local. */
struct hg_class_scores {
    double precision, recall, f1;
};
struct hg_class_scores hg_class_scores(const struct hg_per_class *per_class, enum hg_split split, int64_t c);

#endif
