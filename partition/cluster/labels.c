#include "partition/cluster/labels.h"

#include "base/mem.h"

void hg_labels_destroy(struct hg_labels *labels)
{
    hg_blocks_destroy(&labels->blocks);
    HG_FREE(labels->size);
    HG_FREE(labels->node);
    HG_FREE(labels->favourite);
}

/* Sets every node's label, to its id when label is NULL. */
static hg_status set_nodes(const struct hg_level *level, const uint32_t *label, struct hg_labels *labels)
{
    HG_TRY(HG_NEW(labels->node, level->owned + level->ghosts));
    HG_TRY(HG_NEW_UNSET(labels->favourite, level->owned));
    for (int64_t v = 0; v < level->owned; v++) {
        labels->favourite[v] = HG_NO_LABEL;
        labels->node[v] = hg_label_pack(label != NULL ? label[v] : hg_level_id(level, v), 0);
    }
    return HG_OK;
}

hg_status hg_labels_create_ids(const struct hg_level *level, uint32_t limit, struct hg_labels *labels)
{
    *labels = (struct hg_labels){.level = level, .limit = limit};
    HG_TRY(hg_blocks_create(level->blocks.comm, level->owned, &labels->blocks));
    hg_status status = HG_NEW_UNSET(labels->size, level->owned);
    if (status == HG_OK) status = set_nodes(level, NULL, labels);
    for (int64_t v = 0; status == HG_OK && v < level->owned; v++) labels->size[v] = level->weight[v];
    HG_TRY(hg_agree(level->blocks.comm, status));
    return hg_labels_refresh(labels);
}

/* Adds every node's weight to the size of its label. Collective. */
static hg_status add_sizes(struct hg_labels *labels)
{
    const struct hg_level *level = labels->level;
    struct hg_entry *entries = NULL;
    hg_status status = hg_agree(level->blocks.comm, HG_NEW_UNSET(entries, level->owned));
    if (status == HG_OK) {
        for (int64_t v = 0; v < level->owned; v++)
            entries[v] = (struct hg_entry){hg_label_of(labels->node[v]), level->weight[v]};
        status = hg_blocks_add(&labels->blocks, labels->size, entries, level->owned);
    }
    hg_mem_free(entries);
    return status;
}

hg_status hg_labels_create(const struct hg_level *level, int64_t count, const uint32_t *label, uint32_t limit,
                           struct hg_labels *labels)
{
    const struct hg_comm *comm = level->blocks.comm;
    const struct hg_range block = hg_block_range(count, comm->rank, comm->size);
    *labels = (struct hg_labels){.level = level, .limit = limit};
    HG_TRY(hg_blocks_create(comm, block.end - block.first, &labels->blocks));
    hg_status status = HG_NEW(labels->size, block.end - block.first);
    if (status == HG_OK) status = set_nodes(level, label, labels);
    HG_TRY(hg_agree(comm, status));
    HG_TRY(add_sizes(labels));
    return hg_labels_refresh(labels);
}

/* The sizes of the labels of owned nodes. size and label [owned] are scratch. Collective. */
static hg_status read_sizes(struct hg_labels *labels, uint32_t *size, uint32_t *label)
{
    const int64_t owned = labels->level->owned;
    for (int64_t v = 0; v < owned; v++) label[v] = hg_label_of(labels->node[v]);
    HG_TRY(hg_blocks_read(&labels->blocks, labels->size, label, owned, size));
    for (int64_t v = 0; v < owned; v++) labels->node[v] = hg_label_pack(label[v], size[v]);
    return HG_OK;
}

hg_status hg_labels_refresh(struct hg_labels *labels)
{
    const struct hg_level *level = labels->level;
    uint32_t *size = NULL, *label = NULL;
    hg_status status = HG_NEW_UNSET(size, level->owned);
    if (status == HG_OK) status = HG_NEW_UNSET(label, level->owned);
    status = hg_agree(level->blocks.comm, status);
    if (status == HG_OK) status = read_sizes(labels, size, label);
    hg_mem_free(size);
    hg_mem_free(label);
    return status == HG_OK ? hg_level_refresh(level, labels->node) : status;
}
