#include "io/hdf5/h5_private.h"

#include "base/mem.h"
#include <string.h>

enum { MOST_BYTES = 1 << 24 };

/* Opens a root attribute of one element and its type; both are negative when there is no such attribute. */
static hg_status open_attribute(const struct hg_h5 *file, const char *name, hid_t *attribute, hid_t *type)
{
    *attribute = *type = -1;
    if (H5Aexists(file->id, name) <= 0) return HG_OK;
    *attribute = H5Aopen(file->id, name, H5P_DEFAULT);
    if (*attribute < 0) return hg_fail(HG_FAILED, file->path, "attribute %s cannot be read", name);
    const hid_t space = H5Aget_space(*attribute);
    const hssize_t elements = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    *type = H5Aget_type(*attribute);
    if (*type >= 0 && H5Tget_size(*type) > MOST_BYTES)
        return hg_fail(HG_FAILED, file->path, "attribute %s is damaged: its size is absurd", name);
    if (elements == 1 && *type >= 0) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "attribute %s is not a single value", name);
}

static void close_attribute(hid_t attribute, hid_t type)
{
    if (type >= 0) H5Tclose(type);
    if (attribute >= 0) H5Aclose(attribute);
}

static hg_status unreadable(const struct hg_h5 *file, const char *name)
{
    return hg_fail(HG_FAILED, file->path, "attribute %s cannot be read (damaged file?)", name);
}

static hg_status read_variable(const struct hg_h5 *file, const char *name, hid_t attribute, hid_t type,
                               char **text)
{
    char *found = NULL;
    if (H5Aread(attribute, type, (void *)&found) < 0 || found == NULL) return unreadable(file, name);
    const size_t bytes = strlen(found) + 1;
    *text = hg_mem_alloc((int64_t)bytes, 1);
    if (*text != NULL) memcpy(*text, found, bytes);
    H5free_memory(found);
    return *text != NULL ? HG_OK : HG_NOMEM;
}

static hg_status read_fixed(const struct hg_h5 *file, const char *name, hid_t attribute, hid_t type,
                            char **text)
{
    HG_TRY(HG_NEW(*text, (int64_t)H5Tget_size(type) + 1));
    if (H5Aread(attribute, type, *text) >= 0) return HG_OK;
    HG_FREE(*text);
    return unreadable(file, name);
}

hg_status hg_h5_get_text(const struct hg_h5 *file, const char *name, char **text)
{
    hid_t attribute, type;
    *text = NULL;
    hg_reading_step_begin();
    hg_status status = open_attribute(file, name, &attribute, &type);
    if (status == HG_OK && attribute >= 0) {
        if (H5Tget_class(type) != H5T_STRING)
            status = hg_fail(HG_FAILED, file->path, "attribute %s is not text", name);
        else if (H5Tis_variable_str(type) > 0)
            status = read_variable(file, name, attribute, type, text);
        else
            status = read_fixed(file, name, attribute, type, text);
    }
    close_attribute(attribute, type);
    hg_reading_step_end();
    return status;
}

/* Reads a number of one of `classes`, converted to the type `memory`. */
static hg_status get(const struct hg_h5 *file, const char *name, unsigned classes, hid_t memory, void *value,
                     bool *found)
{
    hid_t attribute, type;
    *found = false;
    hg_reading_step_begin();
    hg_status status = open_attribute(file, name, &attribute, &type);
    if (status == HG_OK && attribute >= 0) {
        *found = true;
        if ((hg_h5_class_of(type) & classes) == 0)
            status = hg_fail(HG_FAILED, file->path, "attribute %s has the wrong type", name);
        else if (H5Aread(attribute, memory, value) < 0)
            status = unreadable(file, name);
    }
    close_attribute(attribute, type);
    hg_reading_step_end();
    return status;
}

hg_status hg_h5_get_int(const struct hg_h5 *file, const char *name, int64_t *value, bool *found)
{
    return get(file, name, HG_H5_INTEGER | HG_H5_BOOL, H5T_NATIVE_INT64, value, found);
}

hg_status hg_h5_get_number(const struct hg_h5 *file, const char *name, double *value, bool *found)
{
    return get(file, name, HG_H5_INTEGER | HG_H5_BOOL | HG_H5_FLOAT, H5T_NATIVE_DOUBLE, value, found);
}

hg_status hg_h5_check_format(const struct hg_h5 *file, const char *format, int64_t newest)
{
    char *text = NULL;
    int64_t version = 0;
    bool found = false;
    hg_status status = hg_h5_get_text(file, "format", &text);
    if (status == HG_OK && (text == NULL || strcmp(text, format) != 0))
        status = hg_fail(HG_FAILED, file->path, "its format is \"%.60s\", not \"%s\"",
                         text != NULL ? text : "", format);
    hg_mem_free(text);
    HG_TRY(status);
    HG_TRY(hg_h5_get_int(file, "version", &version, &found));
    if (version >= 1 && version <= newest) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "version %lld of the format is unknown (known: 1 to %lld)",
                   (long long)version, (long long)newest);
}

/* Creates a scalar root attribute of the type `type` and writes a value of the type `memory` to it. */
static hg_status set(const struct hg_h5 *file, const char *name, hid_t type, hid_t memory, const void *value)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(file->id, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool good = attribute >= 0 && H5Awrite(attribute, memory, value) >= 0;
    if (attribute >= 0) H5Aclose(attribute);
    H5Sclose(space);
    return good ? HG_OK : hg_fail(HG_FAILED, file->path, "cannot write attribute %s", name);
}

hg_status hg_h5_set_text(const struct hg_h5 *file, const char *name, const char *text)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    const hg_status status = set(file, name, type, type, &text);
    H5Tclose(type);
    return status;
}

hg_status hg_h5_set_int(const struct hg_h5 *file, const char *name, int64_t value)
{
    return set(file, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

hg_status hg_h5_set_number(const struct hg_h5 *file, const char *name, double value)
{
    return set(file, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}
