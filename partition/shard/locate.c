#include "partition/shard/locate.h"

#include "base/limits.h"
#include "base/mem.h"
#include <string.h>

hg_status hg_locator_create(struct hg_locator *locator, const struct hg_cells *cells, int size)
{
    int64_t *rows = NULL; /* [size] rows given to each rank so far */
    *locator = (struct hg_locator){.cells = cells};
    HG_TRY(HG_NEW(rows, size));
    const hg_status status = HG_NEW(locator->first_row, cells->count);
    for (int64_t c = 0; status == HG_OK && c < cells->count; c++) {
        locator->first_row[c] = rows[cells->owner[c]];
        rows[cells->owner[c]] += cells->offsets[c + 1] - cells->offsets[c];
    }
    hg_mem_free(rows);
    return status;
}

void hg_locator_destroy(struct hg_locator *locator)
{
    HG_FREE(locator->first_row);
}

/* The halo in the form that hg_plan_create takes. */
struct halo_list {
    int *owner;  /* [halo] */
    hg_lid *row; /* [halo] local row on the owner */
};

static hg_status halo_list_create(struct halo_list *list, hg_lid owned, const struct hg_keys *halo)
{
    *list = (struct halo_list){0};
    HG_TRY(hg_limit_check("partition", "nodes, halo rows included,", owned + halo->count));
    HG_TRY(HG_NEW(list->owner, halo->count));
    HG_TRY(HG_NEW(list->row, halo->count));
    for (int64_t k = 0; k < halo->count; k++) {
        list->owner[k] = (int)hg_key_high(halo->key[k]);
        list->row[k] = (hg_lid)hg_key_low(halo->key[k]);
    }
    return HG_OK;
}

hg_status hg_adjacency_connect(const struct hg_comm *comm, hg_lid owned, const struct hg_keys *halo,
                               const hg_gid *imported, struct hg_adjacency *adjacency)
{
    struct halo_list list;
    hg_status status = halo_list_create(&list, owned, halo);
    if (status == HG_OK) status = HG_NEW(adjacency->imported, owned + halo->count);
    status = hg_agree(comm, status);
    if (status == HG_OK)
        status = hg_plan_create(comm, owned, (hg_lid)halo->count, list.owner, list.row, &adjacency->plan);
    if (status == HG_OK) {
        memcpy(adjacency->imported, imported, (size_t)owned * sizeof *imported);
        status = hg_exchange_ids(comm, &adjacency->plan, adjacency->imported, 1);
    }
    hg_mem_free(list.row);
    hg_mem_free(list.owner);
    return status;
}
