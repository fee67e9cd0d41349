/** Losses and what metrics are made of, over the rows of a cell. Sums are float64; gradients are of the mean loss.
 *
 *  To add one: a line in HG_LOSS_LIST, and its function in loss.c.
 *
 *  A row takes part when its mask is 1 and it has a target; an entry of a target with several columns takes part when
 *  it is not missing (labels: 255 is missing; targets: NaN).
 */
#ifndef HG_KERNELS_LOSS_H
#define HG_KERNELS_LOSS_H

#include "base/types.h"

/** Sums over entries; metrics are functions of the sums over all cells. */
enum hg_sum {
    HG_SUM_LOSS,   /**< of the loss */
    HG_SUM_COUNT,  /**< entries: labelled rows (one class each), or labelled (row, column) pairs */
    HG_SUM_TP,     /**< right class; or label 1 predicted 1 */
    HG_SUM_FP,     /**< wrong class; or label 0 predicted 1 */
    HG_SUM_FN,     /**< wrong class; or label 1 predicted 0 */
    HG_SUM_TN,     /**< label 0 predicted 0 */
    HG_SUM_ABS,    /**< |error| */
    HG_SUM_SQUARE, /**< error^2 */
    HG_SUM_KINDS
};

/** Rows of a class among those that take part. */
struct hg_class_count {
    int64_t labelled, predicted, right; /**< of this class; predicted as it; both */
};
enum { HG_CLASS_NUMBERS = sizeof(struct hg_class_count) / sizeof(int64_t) };

/** Rows of outputs with their targets. */
struct hg_loss_rows {
    struct hg_mat out;   /**< [rows, C] logits or outputs */
    const void *target;  /**< int32 [rows], uint8 [rows, C], or hg_real [rows, C] */
    const uint8_t *mask; /**< [rows] */
    const double
        *unit; /**< [C] squared error only: errors are multiplied by it for ABS and SQUARE; NULL: ones */
    struct hg_class_count
        *count; /**< [C] cross-entropy of one class per row only: the rows are added; NULL: not wanted */
};

/** X(TASK, name, type, ...) of each loss: the task HG_TASK is trained by the kernel loss_name; targets are of `type`. */
#define HG_LOSS_LIST(X, ...)                                                                                 \
    X(SINGLE_LABEL, softmax, int32_t, __VA_ARGS__)                                                           \
    X(MULTI_LABEL, binary, uint8_t, __VA_ARGS__)                                                             \
    X(REGRESSION, squared, hg_real, __VA_ARGS__)

/** Adds the rows to sum[HG_SUM_KINDS] (NULL: not wanted) and writes the gradient, scale * dloss/dout, 0 where a row or
 *  entry takes no part (grad NULL: not wanted). Local.
 *
 *  loss_softmax  cross-entropy, one class per row: log sum_c exp(o_c) - o_y. Prediction: the first largest output.
 *  loss_binary   cross-entropy with logits: log(1 + exp(-|o|)) + max(o, 0) - o y. Predicted 1 where o > 0.
 *  loss_squared  squared error (o - y)^2 */
typedef void hg_loss_fn(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum);

#endif
