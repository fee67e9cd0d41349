#include "infer/per_class.h"

#include "base/mem.h"
#include "infer/predict.h"
#include <math.h>

/* A node of class `label`, -1: none */
static void count_class(struct hg_per_class *p, int64_t split, int64_t label, const hg_real *output)
{
    const int64_t at = split * p->classes, predicted = hg_predicted_class(output, p->classes);
    if (label < 0) return;
    p->labelled[at + label]++;
    p->predicted[at + predicted]++;
    p->right[at + label] += label == predicted;
    if (p->confusion != NULL) p->confusion[(at + label) * p->classes + predicted]++;
}

static void count_labels(struct hg_per_class *p, int64_t split, const uint8_t *label, const hg_real *output)
{
    const int64_t at = split * p->classes;
    for (int64_t c = 0; c < p->classes; c++) {
        if (label[c] == UINT8_MAX) continue;
        p->labelled[at + c] += label[c];
        p->predicted[at + c] += output[c] > 0;
        p->right[at + c] += label[c] && output[c] > 0;
    }
}

static void count_rows(const struct hg_dataset *data, const hg_real *outputs, int64_t split,
                       struct hg_per_class *p)
{
    const struct hg_node_table *rows = &data->rows;
    for (int64_t i = 0; data->mask[split] != NULL && i < rows->count; i++) {
        if (!data->mask[split][i]) continue;
        if (rows->y_class != NULL)
            count_class(p, split, rows->y_class[i], outputs + i * p->classes);
        else
            count_labels(p, split, rows->y_label + i * p->classes, outputs + i * p->classes);
    }
}

hg_status hg_per_class_count(const struct hg_dataset *data, const hg_real *outputs,
                             struct hg_per_class *per_class)
{
    const struct hg_comm *comm = data->shard.comm;
    const int64_t classes = data->info.num_outputs, each = HG_SPLITS * classes;
    const bool matrix = data->info.task == HG_SINGLE_LABEL && classes <= HG_CONFUSION_CLASSES;
    const int64_t numbers = 3 * each + (matrix ? each * classes : 0);
    *per_class = (struct hg_per_class){.classes = classes};
    HG_TRY(hg_agree(comm, HG_NEW(per_class->labelled, numbers)));
    per_class->predicted = per_class->labelled + each;
    per_class->right = per_class->predicted + each;
    per_class->confusion = matrix ? per_class->right + each : NULL;
    for (int s = 0; s < HG_SPLITS; s++) count_rows(data, outputs, s, per_class);
    hg_comm_sum_i64(comm, per_class->labelled, numbers);
    return HG_OK;
}

void hg_per_class_destroy(struct hg_per_class *per_class)
{
    HG_FREE(per_class->labelled);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

struct hg_class_scores hg_class_scores(const struct hg_per_class *per_class, enum hg_split split, int64_t c)
{
    const int64_t at = split * per_class->classes + c;
    const double right = (double)per_class->right[at], labelled = (double)per_class->labelled[at],
                 predicted = (double)per_class->predicted[at];
    return (struct hg_class_scores){ratio(right, predicted), ratio(right, labelled),
                                    ratio(2 * right, labelled + predicted)};
}
