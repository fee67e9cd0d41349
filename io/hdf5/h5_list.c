#include "io/hdf5/h5_list.h"

#include "io/hdf5/h5_private.h"
#include <stdio.h>

/* State of hg_h5_list. */
struct listing {
    const struct hg_h5 *file;
    const char *group;
    hg_h5_visit *visit;
    void *context;
    hg_status status;
};

/* HDF5's callback: a positive value ends the iteration. */
static herr_t on_link(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    struct listing *listing = context;
    struct hg_h5_shape shape;
    char path[512];
    (void)link;
    const hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    const bool is_set = object >= 0 && H5Iget_type(object) == H5I_DATASET;
    if (object >= 0) H5Oclose(object);
    if (!is_set) return 0;
    snprintf(path, sizeof path, "%s/%s", listing->group, name);
    listing->status = hg_h5_describe(listing->file, path, &shape);
    if (listing->status == HG_OK) listing->status = listing->visit(name, &shape, listing->context);
    return listing->status != HG_OK;
}

hg_status hg_h5_list(const struct hg_h5 *file, const char *group, hg_h5_visit *visit, void *context)
{
    struct listing listing = {file, group, visit, context, HG_OK};
    const hid_t id = H5Gopen2((hid_t)file->id, group, H5P_DEFAULT);
    if (id < 0) return HG_OK;
    const herr_t code = H5Literate(id, H5_INDEX_NAME, H5_ITER_INC, NULL, on_link, &listing);
    H5Gclose(id);
    if (listing.status == HG_OK && code < 0)
        return hg_fail(HG_FAILED, file->path, "%s cannot be listed", group);
    return listing.status;
}

/* What hg_h5_names calls for each name. */
struct naming {
    void (*visit)(const char *name, void *context);
    void *context;
};

static herr_t on_name(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    const struct naming *naming = context;
    (void)group, (void)link;
    naming->visit(name, naming->context);
    return 0;
}

hg_status hg_h5_names(const struct hg_h5 *file, void (*visit)(const char *name, void *context), void *context)
{
    struct naming naming = {visit, context};
    if (H5Literate((hid_t)file->id, H5_INDEX_NAME, H5_ITER_INC, NULL, on_name, &naming) >= 0) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "its data sets cannot be listed");
}
