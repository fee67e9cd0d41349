#include "io/hdf5/h5_private.h"

#include "io/hdf5/h5_driver.h"
#include "io/seal.h"
#include "io/stream.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(hid_t) == sizeof(int64_t), "struct hg_h5 keeps a hid_t");

enum { NAME_BYTES = 256, LABEL_BYTES = 160 };

hid_t hg_h5_access(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_file_locking(list, 0, 1);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
    /* unbuffered: a failing write fails at once, not when the file is closed */
    H5Pset_sieve_buf_size(list, 0);
    return list;
}

/* Checks the path before HDF5 does, whose errors do not distinguish a missing file from an unreadable one. */
static hg_status check_readable(const char *path)
{
    HG_TRY(hg_regular_file(path));
    if (access(path, R_OK) != 0) return hg_fail_system(path);
    return HG_OK;
}

static hg_status open_hdf5(const char *path, struct hg_h5 *file)
{
    hg_status driver;
    const hid_t list = hg_h5_access(); /* first: it silences HDF5 */
    const bool is_hdf5 = H5Fis_hdf5(path) > 0;
    if (!is_hdf5) H5Pclose(list);
    if (!is_hdf5) return hg_fail(HG_FAILED, path, "not an HDF5 file");
    hg_h5_driver_set(list, &driver);
    file->id = H5Fopen(path, H5F_ACC_RDONLY, list);
    H5Pclose(list);
    if (driver != HG_OK) return hg_fail(driver, path, "out of memory");
    if (file->id < 0) return hg_fail(HG_FAILED, path, "truncated or damaged HDF5 file");
    const hg_status status = hg_h5_check_links(file);
    if (status != HG_OK) hg_h5_close(file);
    return status;
}

hg_status hg_h5_open(const char *path, struct hg_h5 *file)
{
    *file = (struct hg_h5){.id = -1, .path = path};
    HG_TRY(check_readable(path));
    HG_TRY(hg_seal_check(path));
    hg_reading_begin(path);
    hg_reading_step_begin();
    const hg_status status = open_hdf5(path, file);
    hg_reading_step_end();
    if (status != HG_OK) hg_reading_end();
    return status;
}

void hg_h5_close(struct hg_h5 *file)
{
    if (file->id >= 0) {
        H5Fclose(file->id);
        hg_reading_end();
    }
    file->id = -1;
}

bool hg_h5_exists(const struct hg_h5 *file, const char *name)
{
    char part[NAME_BYTES];
    const size_t length = strlen(name);
    if (length == 0 || length >= sizeof part) return false;
    /* each prefix of the path is tested, because H5Lexists fails on "a/b" when "a" is missing */
    for (size_t k = 1; k <= length; k++) {
        if (name[k] != '/' && name[k] != '\0') continue;
        snprintf(part, sizeof part, "%.*s", (int)k, name);
        if (H5Lexists(file->id, part, H5P_DEFAULT) <= 0) return false;
    }
    H5O_info_t info;
    return H5Oget_info_by_name2(file->id, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) >= 0 &&
           info.type == H5O_TYPE_DATASET;
}

unsigned hg_h5_class_of(hid_t type)
{
    const size_t bytes = H5Tget_size(type);
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
        return bytes <= sizeof(int64_t) ? HG_H5_INTEGER : HG_H5_OTHER;
    case H5T_FLOAT:
        return bytes <= sizeof(long double) ? HG_H5_FLOAT : HG_H5_OTHER;
    case H5T_ENUM:
        return bytes == 1 ? HG_H5_BOOL : HG_H5_OTHER;
    case H5T_STRING:
        return H5Tis_variable_str(type) > 0 ? HG_H5_OTHER : HG_H5_STRING;
    default:
        return HG_H5_OTHER;
    }
}

const char *hg_h5_kind_of(hid_t type)
{
    switch (H5Tget_class(type)) {
    case H5T_INTEGER:
    case H5T_FLOAT:
        return NULL;
    case H5T_STRING:
        return "text";
    case H5T_COMPOUND:
        return "complex numbers or records";
    case H5T_ENUM:
        return H5Tget_size(type) == 1 ? NULL : "an enumeration";
    case H5T_VLEN:
        return "lists of various lengths";
    default:
        return "another type";
    }
}

hg_status hg_h5_transfer_open(const struct hg_h5 *file, const char *name, struct hg_h5_transfer *t)
{
    *t = (struct hg_h5_transfer){-1, -1, -1, -1, -1, false};
    if (!hg_h5_exists(file, name)) return hg_fail(HG_FAILED, file->path, "data set %s is missing", name);
    t->set = H5Dopen2(file->id, name, H5P_DEFAULT);
    if (t->set >= 0) t->type = H5Dget_type(t->set);
    if (t->set >= 0) t->space = H5Dget_space(t->set);
    if (t->type >= 0 && t->space >= 0) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "data set %s cannot be opened (damaged file?)", name);
}

void hg_h5_transfer_close(struct hg_h5_transfer *t)
{
    if (t->list >= 0) H5Pclose(t->list);
    if (t->memory >= 0) H5Sclose(t->memory);
    if (t->space >= 0) H5Sclose(t->space);
    if (t->type >= 0) H5Tclose(t->type);
    if (t->set >= 0) H5Dclose(t->set);
}

/* Whether the file can hold a data set of this shape. A damaged file of a few kilobytes may claim 2^64 numbers, and
 * memory would be allocated for them. Deflate compresses to at least 1/1033 of the size. */
static bool is_plausible(const struct hg_h5 *file, const struct hg_h5_shape *shape)
{
    static const int64_t small = (int64_t)1 << 26, most = (int64_t)1 << 60, ratio = 1100;
    int64_t bytes = (int64_t)shape->bytes;
    hsize_t file_bytes = 0;
    if (shape->bytes == 0 || shape->bytes > INT32_MAX) return false;
    for (int d = 0; d < shape->dims; d++)
        if (__builtin_mul_overflow(bytes, hg_max_i64(shape->size[d], 1), &bytes) || bytes > most)
            return false;
    if (bytes <= small || file->shared) return true;
    return H5Fget_filesize((hid_t)file->id, &file_bytes) >= 0 && (hsize_t)(bytes / ratio) <= file_bytes;
}

static hg_status shape_of(const struct hg_h5 *file, const char *name, const struct hg_h5_transfer *t,
                          struct hg_h5_shape *shape)
{
    hsize_t size[HG_H5_DIMS] = {0};
    const int dims = H5Sget_simple_extent_ndims(t->space);
    if (dims < 0 || dims > HG_H5_DIMS)
        return hg_fail(HG_FAILED, file->path, "data set %s has %d dimensions", name, dims);
    H5Sget_simple_extent_dims(t->space, size, NULL);
    *shape = (struct hg_h5_shape){.classes = hg_h5_class_of(t->type),
                                  .bytes = H5Tget_size(t->type),
                                  .dims = dims,
                                  .kind = hg_h5_kind_of(t->type)};
    for (int d = 0; d < dims; d++) {
        if (size[d] > (hsize_t)INT64_MAX)
            return hg_fail(HG_FAILED, file->path, "data set %s is damaged: its size is absurd", name);
        shape->size[d] = (int64_t)size[d];
    }
    if (!is_plausible(file, shape))
        return hg_fail(HG_FAILED, file->path,
                       "data set %s is damaged: it says that it is larger than the file can hold", name);
    return HG_OK;
}

hg_status hg_h5_describe(const struct hg_h5 *file, const char *name, struct hg_h5_shape *shape)
{
    struct hg_h5_transfer t;
    hg_reading_step_begin();
    hg_status status = hg_h5_transfer_open(file, name, &t);
    if (status == HG_OK) status = shape_of(file, name, &t, shape);
    hg_h5_transfer_close(&t);
    hg_reading_step_end();
    return status;
}

/* Appends to a text of LABEL_BYTES bytes; what does not fit is left out. */
__attribute__((format(printf, 2, 3))) static void append(char *text, const char *format, ...)
{
    const size_t used = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + used, LABEL_BYTES - used, format, args);
    va_end(args);
}

/* A shape in words: "integer or bool [12, any]". */
static void label(const struct hg_h5_shape *shape, char text[LABEL_BYTES])
{
    static const char *const names[] = {"integer", "float", "bool", "text", "another type"};
    text[0] = '\0';
    for (int k = 0; k < 5; k++)
        if (shape->classes & 1u << k) append(text, "%s%s", text[0] != '\0' ? " or " : "", names[k]);
    append(text, " [");
    for (int d = 0; d < shape->dims; d++) {
        append(text, "%s", d > 0 ? ", " : "");
        append(text, shape->size[d] < 0 ? "any" : "%lld", (long long)shape->size[d]);
    }
    append(text, "]");
}

hg_status hg_h5_expect(const struct hg_h5 *file, const char *name, const struct hg_h5_shape *want,
                       struct hg_h5_shape *shape)
{
    struct hg_h5_shape found;
    HG_TRY(hg_h5_describe(file, name, &found));
    bool fits = (found.classes & want->classes) != 0 && found.dims == want->dims;
    for (int d = 0; fits && d < want->dims; d++) fits = want->size[d] < 0 || want->size[d] == found.size[d];
    if (shape != NULL) *shape = found;
    if (fits) return HG_OK;
    char is[LABEL_BYTES], should[LABEL_BYTES];
    label(&found, is);
    label(want, should);
    return hg_fail(HG_FAILED, file->path, "data set %s is %s, not %s", name, is, should);
}
