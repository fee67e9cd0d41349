/** Compares a model with the values of its golden file (tests/golden, PyTorch Geometric in float64). The error of a
 *  tensor is max|a - b| / max|b|. */
#ifndef HG_TESTS_GOLDEN_VALUES_H
#define HG_TESTS_GOLDEN_VALUES_H

#include "trial.h"

#include "nn/optim.h"
#include <math.h>

#ifdef HG_DOUBLE
static const double output_bound = 1e-9, loss_bound = 1e-9, params_bound = 1e-9;
#else
static const double output_bound = 1e-4, loss_bound = 5e-4, params_bound = 2e-3;
#endif

/* max|a - b| and max|b|, over all ranks */
struct error {
    double difference, size;
};

static inline void compare(struct error *error, double a, double b)
{
    /* not fmax, which ignores NaN */
    if (!(fabs(a - b) <= error->difference)) error->difference = fabs(a - b);
    if (fabs(b) > error->size) error->size = fabs(b);
}

static inline void check(struct error error, double bound, const char *name, const char *what)
{
    double both[2] = {isnan(error.difference) ? INFINITY : error.difference, error.size};
    hg_comm_max_f64(&hg_test_comm, both, 2);
    if (!(both[0] <= bound * both[1]) || both[1] == 0)
        fail_msg("%s: %s is off by %.3g of %.3g (bound %.1g)", name, what, both[0], both[1], bound);
}

/* A whole data set of the golden file, newly allocated; the caller frees it. */
static inline hg_real *golden(const char *path, const char *dataset, struct hg_h5_shape *shape)
{
    struct hg_h5 file;
    int64_t count = 1;
    assert_ok(hg_h5_open(path, &file));
    assert_ok(hg_h5_describe(&file, dataset, shape));
    for (int d = 0; d < shape->dims; d++) count *= shape->size[d];
    hg_real *values = hg_mem_alloc(count, sizeof *values);
    assert_non_null(values);
    assert_ok(hg_h5_read_rows(&file, dataset, HG_H5_REAL, (struct hg_range){0, shape->size[0]}, values));
    hg_h5_close(&file);
    return values;
}

static inline void check_outputs(struct trial *trial, double bound, const char *name)
{
    const struct hg_pass pass = {0};
    const int64_t cols = trial->data.info.num_outputs;
    struct hg_h5_shape shape;
    struct error error = {0};
    const hg_real *out = hg_model_forward(trial->model, &pass);
    hg_real *wanted = golden(trial->golden, "/out", &shape);
    for (int64_t i = 0; i < trial->data.rows.count; i++)
        for (int64_t c = 0; c < cols; c++)
            compare(&error, (double)out[i * cols + c],
                    (double)wanted[trial->data.rows.imported[i] * cols + c]);
    hg_mem_free(wanted);
    check(error, bound, name, "the output");
}

/* Compares tensor t of a flat vector in the disk's layout with /GROUP/NAME. */
static inline void compare_tensor(struct error *error, const struct trial *trial, const hg_real *disk,
                                  int64_t t, const char *group)
{
    const struct hg_param *param = &trial->model->params.list[t];
    char path[HG_PARAM_NAME + 32];
    struct hg_h5_shape shape;
    snprintf(path, sizeof path, "/%s/%s", group, param->name);
    hg_real *wanted = golden(trial->golden, path, &shape);
    for (int64_t k = 0; k < param->count; k++)
        compare(error, (double)disk[param->offset + k], (double)wanted[k]);
    hg_mem_free(wanted);
}

/* Checks all tensors of a flat vector in memory's layout: the error of each relative to its own largest number, or,
 * with `together`, to the largest number of all tensors. */
static inline void check_tensors(struct trial *trial, const hg_real *values, const char *group, double bound,
                                 bool together, const char *name)
{
    const struct hg_params *params = &trial->model->params;
    struct error error = {0};
    hg_real *disk = hg_mem_alloc(params->count, sizeof *disk);
    assert_non_null(disk);
    hg_params_to_disk(params, values, disk);
    for (int64_t t = 0; t < params->num; t++) {
        if (!together) error = (struct error){0};
        compare_tensor(&error, trial, disk, t, group);
        if (!together || t == params->num - 1)
            check(error, bound, name, together ? group : params->list[t].name);
    }
    hg_mem_free(disk);
}

static inline void check_training(struct trial *trial, const char *name)
{
    struct hg_h5_shape shape;
    struct error error = {0};
    struct hg_optim optim;
    hg_real *losses = golden(trial->golden, "/losses", &shape);
    assert_ok(hg_optim_create(&optim, &trial->options.optim, trial->model->work.kernels,
                              trial->model->params.count));
    for (int64_t step = 0; step < shape.size[0]; step++) {
        const struct hg_pass pass = {.training = true, .epoch = step + 1};
        compare(&error, trial_loss(trial, &pass), (double)losses[step]);
        if (step == 0) check_tensors(trial, trial->model->params.grad, "grads", output_bound, false, name);
        hg_optim_step(&optim, trial->model->params.grad, trial->model->params.value);
    }
    check(error, loss_bound, name, "the losses");
    check_tensors(trial, trial->model->params.value, "params_after", params_bound, false, name);
    hg_mem_free(losses);
    hg_optim_destroy(&optim);
}

#endif
