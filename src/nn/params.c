#include "nn/params.h"

#include "base/mem.h"
#include "base/rng.h"
#include <stdio.h>
#include <string.h>

hg_status hg_params_add(struct hg_params *params, const char *name, int dims, const int64_t *shape,
                        bool transposed, double init_range, int64_t *index)
{
    HG_TRY(HG_RESERVE(params->list, &params->capacity, params->num + 1));
    struct hg_param *param = &params->list[params->num];
    *param = (struct hg_param){.dims = dims,
                               .transposed = transposed,
                               .init_range = init_range,
                               .offset = params->count,
                               .count = 1};
    snprintf(param->name, sizeof param->name, "%s", name);
    for (int d = 0; d < dims; d++) {
        param->shape[d] = shape[d];
        param->count *= shape[d];
    }
    params->count += param->count;
    *index = params->num++;
    return HG_OK;
}

hg_status hg_params_allocate(struct hg_params *params)
{
    HG_TRY(HG_NEW(params->value, params->count));
    return HG_NEW(params->grad, params->count);
}

void hg_params_destroy(struct hg_params *params)
{
    HG_FREE(params->list);
    HG_FREE(params->value);
    HG_FREE(params->grad);
}

/* Where element k of the disk's layout is in memory. */
static int64_t memory_place(const struct hg_param *param, int64_t k)
{
    if (!param->transposed) return k;
    const int64_t row = k / param->shape[1], col = k % param->shape[1];
    return col * param->shape[0] + row;
}

void hg_params_initialise(struct hg_params *params, uint64_t seed)
{
    const struct hg_rng rng = hg_rng_stream(seed, HG_RNG_INIT, 0, 0);
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        for (int64_t k = 0; k < param->count; k++) {
            const double u = hg_rng_uniform(rng, (uint64_t)t, (uint64_t)k);
            params->value[param->offset + memory_place(param, k)] =
                (hg_real)((2 * u - 1) * param->init_range);
        }
    }
}

void hg_params_to_disk(const struct hg_params *params, const hg_real *memory, hg_real *disk)
{
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        for (int64_t k = 0; k < param->count; k++)
            disk[param->offset + k] = memory[param->offset + memory_place(param, k)];
    }
}

void hg_params_from_disk(const struct hg_params *params, const hg_real *disk, hg_real *memory)
{
    for (int64_t t = 0; t < params->num; t++) {
        const struct hg_param *param = &params->list[t];
        for (int64_t k = 0; k < param->count; k++)
            memory[param->offset + memory_place(param, k)] = disk[param->offset + k];
    }
}
