#include "io/names.h"

#include "base/mem.h"

hg_status hg_names_write(const struct hg_h5 *file, const struct hg_names *names)
{
    if (names->data == NULL) return HG_OK;
    HG_TRY(hg_h5_define(file, names->path, HG_H5_TEXT, names->bytes, 1, &names->count));
    return hg_h5_write_rows(file, names->path, HG_H5_TEXT, (struct hg_range){0, names->count}, names->data);
}

hg_status hg_names_read(const struct hg_h5 *file, const char *path, struct hg_graph_info *info)
{
    const struct hg_h5_shape want = {.classes = HG_H5_STRING, .dims = 1, .size = {info->num_outputs}};
    struct hg_h5_shape shape;
    if (!hg_h5_exists(file, path)) return HG_OK;
    HG_TRY(hg_h5_expect(file, path, &want, &shape));
    info->class_bytes = (int64_t)shape.bytes;
    info->class_name = hg_mem_alloc(info->num_outputs, shape.bytes);
    if (info->class_name == NULL) return HG_NOMEM;
    return hg_h5_read_rows(file, path, HG_H5_TEXT, (struct hg_range){0, info->num_outputs}, info->class_name);
}
