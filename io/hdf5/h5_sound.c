/* Checks, before anything in a file is read, that all links in it can be opened and that nothing refers to another
 * file. */
#include "io/hdf5/h5_private.h"

enum { MOST_LINKS = 1 << 20 };

/* State of a walk over all links of a file. */
struct walk {
    const struct hg_h5 *file;
    int64_t links, soft;
    hg_status status;
};

static hg_status refuse(struct walk *walk, const char *name, const char *why)
{
    walk->status = hg_fail(HG_FAILED, walk->file->path, "/%.200s %s", name, why);
    return walk->status;
}

/* Checks where a data set keeps its data. Does not open its space: HDF5 would then open the source files of a virtual
 * data set. */
static hg_status check_set(struct walk *walk, hid_t group, const char *name)
{
    const hid_t set = H5Dopen2(group, name, H5P_DEFAULT);
    const hid_t how = set >= 0 ? H5Dget_create_plist(set) : -1;
    const H5D_layout_t layout = how >= 0 ? H5Pget_layout(how) : H5D_LAYOUT_ERROR;
    const int external = how >= 0 ? H5Pget_external_count(how) : 0;
    if (how >= 0) H5Pclose(how);
    if (set >= 0) H5Dclose(set);
    if (layout < 0 || external < 0) return refuse(walk, name, "cannot be opened (damaged file?)");
    if (external > 0) return refuse(walk, name, "keeps its data in another file, which is not read");
    if (layout == H5D_VIRTUAL)
        return refuse(walk, name, "is a virtual data set, made of other files, which are not read");
    return HG_OK;
}

static hg_status check_hard(struct walk *walk, hid_t group, const char *name)
{
    H5O_info_t info;
    if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0)
        return refuse(walk, name, "cannot be opened (damaged file?)");
    return info.type == H5O_TYPE_DATASET ? check_set(walk, group, name) : HG_OK;
}

/* These two are callbacks of HDF5: a positive value ends the walk. */
static herr_t on_link(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    struct walk *walk = context;
    if (++walk->links > MOST_LINKS)
        return refuse(walk, name, "is one too many: over a million objects") != HG_OK;
    if (link->type == H5L_TYPE_HARD) return check_hard(walk, group, name) != HG_OK;
    walk->soft += link->type == H5L_TYPE_SOFT;
    if (link->type == H5L_TYPE_SOFT) return 0;
    return refuse(walk, name, "is a link to another file, which is not read") != HG_OK;
}

static herr_t on_soft_link(hid_t group, const char *name, const H5L_info_t *link, void *context)
{
    if (link->type != H5L_TYPE_SOFT || H5Oexists_by_name(group, name, H5P_DEFAULT) > 0) return 0;
    return refuse(context, name, "is a link to nothing") != HG_OK;
}

static hg_status visit(struct walk *walk, H5L_iterate_t callback)
{
    const herr_t code = H5Lvisit((hid_t)walk->file->id, H5_INDEX_NAME, H5_ITER_NATIVE, callback, walk);
    if (walk->status == HG_OK && code < 0)
        walk->status = hg_fail(HG_FAILED, walk->file->path, "truncated or damaged HDF5 file");
    return walk->status;
}

hg_status hg_h5_check_links(const struct hg_h5 *file)
{
    struct walk walk = {.file = file};
    HG_TRY(visit(&walk, on_link));
    /* soft links are followed only after it is known that no link leads to another file */
    return walk.soft > 0 ? visit(&walk, on_soft_link) : HG_OK;
}
