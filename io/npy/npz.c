#include "io/npy/npz.h"

#include "io/npy/npy.h"
#include "io/stream.h"
#include <stdio.h>
#include <string.h>
#include <zip.h>

enum { NAME_BYTES = 128, WHAT_BYTES = 512 };

hg_status hg_npz_open(const char *path, struct hg_npz *npz)
{
    int code = 0;
    *npz = (struct hg_npz){.path = path};
    HG_TRY(hg_regular_file(path));
    *npz = (struct hg_npz){.path = path, .zip = zip_open(path, ZIP_RDONLY, &code)};
    if (npz->zip != NULL) return HG_OK;
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    hg_fail(HG_FAILED, path, "cannot be read as .npz: %s", zip_error_strerror(&error));
    zip_error_fini(&error);
    return HG_FAILED;
}

void hg_npz_close(struct hg_npz *npz)
{
    if (npz->zip != NULL) zip_discard(npz->zip);
    npz->zip = NULL;
}

static zip_int64_t locate(const struct hg_npz *npz, const char *name)
{
    char member[NAME_BYTES];
    zip_int64_t index = zip_get_num_entries(npz->zip, 0) - 1;
    snprintf(member, sizeof member, "%s.npy", name);
    for (; index >= 0; index--) { /* of several members with this name the last, as NumPy does */
        const char *is = zip_get_name(npz->zip, (zip_uint64_t)index, 0);
        if (is != NULL && strcmp(is, member) == 0) break;
    }
    return index;
}

bool hg_npz_exists(const struct hg_npz *npz, const char *name)
{
    return locate(npz, name) >= 0;
}

void hg_npz_names(const struct hg_npz *npz, void (*visit)(const char *name, void *context), void *context)
{
    const zip_int64_t members = zip_get_num_entries(npz->zip, 0);
    for (zip_int64_t k = 0; k < members; k++) {
        char name[NAME_BYTES];
        const char *member = zip_get_name(npz->zip, (zip_uint64_t)k, 0);
        if (member == NULL) continue;
        size_t length = strlen(member);
        if (length > 4 && strcmp(member + length - 4, ".npy") == 0) length -= 4;
        snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), member);
        visit(name, context);
    }
}

static int64_t read_member(void *handle, void *out, int64_t n)
{
    return zip_fread(handle, out, (zip_uint64_t)n);
}

static void close_member(void *handle)
{
    zip_fclose(handle);
}

/* Opens a member and reads its header; `what` becomes "FILE: NAME", for messages. */
static hg_status open_member(const struct hg_npz *npz, const char *name, char what[WHAT_BYTES],
                             struct hg_stream *stream, struct hg_npy *npy)
{
    const zip_int64_t index = locate(npz, name);
    snprintf(what, WHAT_BYTES, "%s: %s", npz->path, name);
    *stream = (struct hg_stream){what, NULL, read_member, close_member};
    if (index < 0) return hg_fail(HG_FAILED, what, "is missing");
    stream->handle = zip_fopen_index(npz->zip, (zip_uint64_t)index, 0);
    if (stream->handle == NULL) return hg_fail(HG_FAILED, what, "%s", zip_strerror(npz->zip));
    return hg_npy_read_header(stream, npy);
}

/* Checks that the member is as long as its header says, before memory is allocated for it. */
static hg_status check_size(const struct hg_npz *npz, const char *name, const struct hg_npy *npy)
{
    zip_stat_t about;
    int64_t bytes = (int64_t)npy->shape.bytes;
    for (int d = 0; d < npy->shape.dims; d++) bytes *= npy->shape.size[d];
    if (npy->type == NULL || zip_stat_index(npz->zip, (zip_uint64_t)locate(npz, name), 0, &about) != 0 ||
        !(about.valid & ZIP_STAT_SIZE) || about.size >= (zip_uint64_t)(npy->header_bytes + bytes))
        return HG_OK;
    return hg_fail(HG_FAILED, npz->path, "%s is truncated: elements are missing", name);
}

hg_status hg_npz_describe(const struct hg_npz *npz, const char *name, struct hg_h5_shape *shape)
{
    char what[WHAT_BYTES];
    struct hg_stream stream;
    struct hg_npy npy;
    hg_status status = open_member(npz, name, what, &stream, &npy);
    hg_stream_close(&stream);
    if (status == HG_OK) status = check_size(npz, name, &npy);
    if (status == HG_OK) *shape = npy.shape;
    return status;
}

hg_status hg_npz_read(const struct hg_npz *npz, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data)
{
    char what[WHAT_BYTES];
    struct hg_stream stream;
    struct hg_npy npy;
    hg_status status = open_member(npz, name, what, &stream, &npy);
    if (status == HG_OK) status = hg_npy_read(&stream, &npy, type, block, data);
    hg_stream_close(&stream);
    return status;
}
