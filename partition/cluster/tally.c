#include "partition/cluster/tally.h"

/* Slots for so many labels: a power of 2, at most half of them used. */
static int64_t slots_for(int64_t labels)
{
    int64_t slots = 8;
    while (slots < 2 * labels) slots *= 2;
    return slots;
}

hg_status hg_tally_create(int64_t labels, struct hg_tally *tally)
{
    *tally = (struct hg_tally){.slots = slots_for(labels), .capacity = labels};
    tally->mask = (uint32_t)(tally->slots - 1);
    HG_TRY(HG_NEW(tally->slot, tally->slots));
    return HG_NEW(tally->used, labels);
}

void hg_tally_destroy(struct hg_tally *tally)
{
    HG_FREE(tally->slot);
    HG_FREE(tally->used);
}

void hg_tally_clear(struct hg_tally *tally, int64_t labels)
{
    for (int64_t k = 0; k < tally->entries; k++) tally->slot[tally->used[k]].sum = 0;
    tally->entries = 0;
    tally->mask = (uint32_t)(slots_for(labels) - 1);
}
