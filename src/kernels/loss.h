/** Losses, and the sums that metrics are computed from, over the rows of a cell. Sums are float64.
 *
 *  To add a loss, add a line to HG_LOSS_LIST and its function to loss.c.
 *
 *  A row takes part if its mask is 1 and its target is present. An entry of a row with several columns takes
 *  part if it is present (labels: not 255; regression targets: not NaN).
 */
#ifndef HG_KERNELS_LOSS_H
#define HG_KERNELS_LOSS_H

#include "base/types.h"

/** Sums over entries. Metrics are functions of the sums over all cells. */
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

/** Numbers of rows that take part, for one class. */
struct hg_class_count {
    int64_t labelled, predicted, right; /**< rows of this class; rows predicted as it; rows that are both */
};
enum { HG_CLASS_NUMBERS = sizeof(struct hg_class_count) / sizeof(int64_t) };

/** Rows of outputs with their targets. */
struct hg_loss_rows {
    struct hg_mat out;   /**< [rows, C] logits or outputs */
    const void *target;  /**< int32 [rows], uint8 [rows, C], or hg_real [rows, C] */
    const uint8_t *mask; /**< [rows] */
    /** [C] squared error only: factors of the errors in HG_SUM_ABS and HG_SUM_SQUARE; NULL: 1 */
    const double *unit;
    /** [C] single-label only: the rows are added to these counts; NULL: not wanted */
    struct hg_class_count *count;
};

/** X(TASK, name, type, ...) for each loss: the task HG_TASK is trained with kernel loss_name; its targets are
 *  of `type`. */
#define HG_LOSS_LIST(X, ...)                                                                                 \
    X(SINGLE_LABEL, softmax, int32_t, __VA_ARGS__)                                                           \
    X(MULTI_LABEL, binary, uint8_t, __VA_ARGS__)                                                             \
    X(REGRESSION, squared, hg_real, __VA_ARGS__)

/** Adds the rows to sum[HG_SUM_KINDS] (NULL: not wanted), and writes grad [rows, C] = scale * dloss/dout, which
 *  is 0 for rows and entries that do not take part (NULL: not wanted). Local.
 *
 *      loss_softmax  cross-entropy, one class per row: log sum_c exp(o_c) - o_y; predicted: the first largest output
 *      loss_binary   cross-entropy with logits: log(1 + exp(-|o|)) + max(o, 0) - o y; predicted: 1 where o > 0
 *      loss_squared  squared error: (o - y)^2 */
typedef void hg_loss_fn(const struct hg_loss_rows *rows, double scale, hg_real *grad, double *sum);

#endif
