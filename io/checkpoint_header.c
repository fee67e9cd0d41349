#include "io/checkpoint_header.h"

#include "base/mem.h"
#include "io/checkpoint_check.h"
#include "io/hdf5/h5.h"
#include "io/seal.h"

static hg_status read_field(const struct hg_h5 *file, const struct hg_header_field *field)
{
    bool found = false;
    if (field->text != NULL) {
        HG_TRY(hg_h5_get_text(file, field->name, field->text));
        found = *field->text != NULL;
    } else {
        HG_TRY(hg_h5_get_number(file, field->name, field->number, &found));
    }
    return found ? HG_OK : hg_fail(HG_FAILED, file->path, "has no attribute %s", field->name);
}

static hg_status read_fields(const struct hg_h5 *file, const struct hg_header_field *fields, int count)
{
    bool bare = false;
    HG_TRY(hg_checkpoint_check_format(file, &bare));
    if (bare) return hg_fail(HG_FAILED, file->path, "is not a checkpoint of a training");
    for (int k = 0; k < count; k++) HG_TRY(read_field(file, &fields[k]));
    return HG_OK;
}

hg_status hg_checkpoint_header(const char *path, const struct hg_header_field *fields, int count)
{
    struct hg_h5 file;
    for (int k = 0; k < count; k++)
        if (fields[k].text != NULL) *fields[k].text = NULL;
    HG_TRY(hg_seal_require(path));
    HG_TRY(hg_h5_open(path, &file));
    const hg_status status = read_fields(&file, fields, count);
    hg_h5_close(&file);
    for (int k = 0; status != HG_OK && k < count; k++)
        if (fields[k].text != NULL) HG_FREE(*fields[k].text);
    return status;
}
