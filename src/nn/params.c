#include "nn/params.h"

#include "base/mem.h"
#include "base/rng.h"
#include "kernels/head_groups.h"
#include <string.h>

hg_status hg_params_add(struct hg_params *params, const struct hg_param *like, int64_t *index)
{
    HG_TRY(HG_RESERVE(params->list, &params->capacity, params->num + 1));
    struct hg_param *param = &params->list[params->num];
    *param = *like;
    param->offset = params->count;
    param->count = 1;
    for (int d = 0; d < param->dims; d++) param->count *= param->shape[d];
    params->count += param->count;
    *index = params->num++;
    return HG_OK;
}

hg_status hg_params_allocate(struct hg_params *params)
{
    HG_TRY(HG_NEW(params->value, params->count));
    return HG_NEW_UNSET(params->grad, params->count);
}

void hg_params_destroy(struct hg_params *params)
{
    HG_FREE(params->list);
    HG_FREE(params->value);
    HG_FREE(params->grad);
}

/* Converts an index of one of `n` numbers from heads outermost to their order in memory. */
static int64_t head_inside(int64_t k, int64_t n, int heads)
{
    const int64_t width = n / heads;
    return hg_head_index(heads, width, (int)(k / width), k % width);
}

/* The index in memory of element k of a tensor in its layout on disk. */
static int64_t memory_index(const struct hg_param *param, int64_t k)
{
    const struct hg_layout *layout = &param->layout;
    if (!layout->transposed) return head_inside(k, param->count, layout->out_heads);
    const int64_t outputs = param->shape[0], inputs = param->shape[1];
    return head_inside(k % inputs, inputs, layout->in_heads) * outputs +
           head_inside(k / inputs, outputs, layout->out_heads);
}

void hg_params_initialise(struct hg_params *params, uint64_t seed)
{
    const struct hg_rng rng = hg_rng_stream(seed, HG_RNG_INIT, 0, 0);
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        for (int64_t k = 0; k < param->count; k++) {
            const double u = hg_rng_uniform(rng, (uint64_t)t, (uint64_t)k);
            params->value[param->offset + memory_index(param, k)] =
                (hg_real)((2 * u - 1) * param->init_range);
        }
    }
}

void hg_params_to_disk(const struct hg_params *params, const hg_real *memory, hg_real *disk)
{
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        for (int64_t k = 0; k < param->count; k++)
            disk[param->offset + k] = memory[param->offset + memory_index(param, k)];
    }
}

void hg_params_from_disk(const struct hg_params *params, const hg_real *disk, hg_real *memory)
{
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        for (int64_t k = 0; k < param->count; k++)
            memory[param->offset + memory_index(param, k)] = disk[param->offset + k];
    }
}
