#include "base/mem.h"
#include "dist/route.h"
#include "io/import/import_arrays.h"
#include <string.h>

static const char *const mask_name[HG_SPLITS] = {"train_mask", "val_mask", "test_mask"};

/* Lists of ids that may be given instead of masks; when both names exist, the first is read. */
enum { NAMES = 2 };
static const char *const ids_name[HG_SPLITS][NAMES] = {
    {"train_idx", NULL}, {"val_idx", "valid_idx"}, {"test_idx", NULL}};

/* Allocates the mask of a split, with all entries 0. */
static hg_status add_mask(struct hg_import *import, const struct hg_array_source *source, enum hg_split split,
                          const char *name, int64_t cols)
{
    struct hg_graph_info *info = &import->rows->info;
    const struct hg_range mine = hg_import_block(import);
    if (cols == 0) return hg_fail(HG_FAILED, source->path, "%s has no columns", name);
    if (info->num_splits != 0 && info->num_splits != cols)
        return hg_fail(HG_FAILED, source->path, "%s has %lld columns, other masks %lld", name,
                       (long long)cols, (long long)info->num_splits);
    info->num_splits = cols;
    info->has_split[split] = true;
    return HG_NEW(import->rows->mask[split], (mine.end - mine.first) * cols);
}

/* Reads a mask of 0 and 1, of any type of number. */
static hg_status read_mask(struct hg_import *import, const struct hg_array_source *source,
                           enum hg_split split, const char *name)
{
    const struct hg_range mine = hg_import_block(import);
    int64_t cols = 0;
    void *value = NULL;
    HG_TRY(hg_import_node_array(import, source, name, HG_H5_DOUBLE, &cols, &value));
    const int64_t entries = (mine.end - mine.first) * cols;
    hg_status status = add_mask(import, source, split, name, cols);
    for (int64_t k = 0; status == HG_OK && k < entries; k++) {
        const double mark = ((const double *)value)[k];
        if (mark != 0 && mark != 1)
            status = hg_fail(HG_FAILED, source->path, "%s: node %lld is neither 0 nor 1", name,
                             (long long)(mine.first + k / cols));
        import->rows->mask[split][k] = mark == 1;
    }
    hg_mem_free(value);
    return status;
}

hg_status hg_import_array_masks(struct hg_import *import, const struct hg_array_source *source)
{
    for (int s = 0; s < HG_SPLITS; s++)
        if (source->exists(source->handle, mask_name[s]))
            HG_TRY(read_mask(import, source, (enum hg_split)s, mask_name[s]));
    return HG_OK;
}

/* The name of the list of ids that defines a split; NULL: there is none, or there is a mask. */
static const char *find_ids(const struct hg_array_source *source, enum hg_split split)
{
    if (source->exists(source->handle, mask_name[split])) return NULL;
    for (int n = 0; n < NAMES; n++)
        if (ids_name[split][n] != NULL && source->exists(source->handle, ids_name[split][n]))
            return ids_name[split][n];
    return NULL;
}

bool hg_import_reads_ids(const struct hg_array_source *source, const char *name)
{
    for (int s = 0; s < HG_SPLITS; s++) {
        const char *found = find_ids(source, (enum hg_split)s);
        if (found != NULL && strcmp(found, name) == 0) return true;
    }
    return false;
}

/* One rank's share of a list of node ids, and the route of these ids to the ranks that have the nodes. */
struct ids {
    int64_t *id, count;
    struct hg_route route;
};

static hg_status read_ids(const struct hg_import *import, const struct hg_array_source *source,
                          const char *name, struct ids *ids)
{
    const hg_gid nodes = import->rows->info.num_nodes;
    struct hg_h5_shape shape;
    HG_TRY(hg_import_describe_array(source, name, HG_H5_INTEGER, &shape));
    if (shape.dims != 1) return hg_import_bad_shape(source, name, &shape, "a list of nodes");
    const struct hg_range mine = hg_block_range(shape.size[0], import->comm->rank, import->comm->size);
    const struct hg_h5_block block = {1, {mine.first}, {mine.end - mine.first}};
    HG_TRY(HG_NEW(ids->id, block.count[0]));
    HG_TRY(source->read(source->handle, name, HG_H5_INT64, &block, ids->id));
    ids->count = block.count[0];
    for (int64_t k = 0; k < ids->count; k++)
        if (ids->id[k] < 0 || ids->id[k] >= nodes)
            return hg_fail(HG_FAILED, source->path, "%s: node %lld outside 0..%lld", name,
                           (long long)ids->id[k], (long long)nodes - 1);
    return hg_route_to_blocks(import->comm, nodes, ids->id, ids->count, &ids->route);
}

static hg_status mark(struct hg_import *import, const struct hg_array_source *source, enum hg_split split,
                      const char *name, const hg_gid *id, int64_t n)
{
    const struct hg_range mine = hg_import_block(import);
    HG_TRY(add_mask(import, source, split, name, 1));
    for (int64_t k = 0; k < n; k++) {
        uint8_t *mark = &import->rows->mask[split][id[k] - mine.first];
        if (*mark != 0)
            return hg_fail(HG_FAILED, source->path,
                           "%s: node %lld occurs twice; ids are expected there, and 0 and 1 in %s", name,
                           (long long)id[k], mask_name[split]);
        *mark = 1;
    }
    return HG_OK;
}

/* Reads a list of ids and sends each to the rank that has the node, which sets its mask. Collective. */
static hg_status read_split(struct hg_import *import, const struct hg_array_source *source,
                            enum hg_split split, const char *name)
{
    struct ids ids = {0};
    hg_gid *sent = NULL;
    void *arrived = NULL;
    hg_status status = read_ids(import, source, name, &ids);
    if (status == HG_OK) status = HG_NEW(sent, ids.count);
    status = hg_agree(import->comm, status);
    if (status == HG_OK) {
        for (int64_t k = 0; k < ids.count; k++) sent[ids.route.position[k]] = ids.id[k];
        status = hg_route_send(&ids.route, sizeof *sent, sent, &arrived);
    }
    if (status == HG_OK)
        status = hg_agree(import->comm, mark(import, source, split, name, arrived, ids.route.arrived));
    hg_mem_free(arrived);
    hg_mem_free(sent);
    hg_route_destroy(&ids.route);
    hg_mem_free(ids.id);
    return status;
}

hg_status hg_import_array_ids(struct hg_import *import, const struct hg_array_source *source)
{
    for (int s = 0; s < HG_SPLITS; s++) {
        const char *name = find_ids(source, (enum hg_split)s);
        if (name != NULL) HG_TRY(read_split(import, source, (enum hg_split)s, name));
    }
    return HG_OK;
}
