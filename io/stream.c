#include "io/stream.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <zlib.h>

enum { PIECE = 1 << 20 };

/* Returns -1 also when the file ends inside the compressed data: gzread returns 0 then, and only gzerror shows it. */
static int64_t read_gz(void *handle, void *out, int64_t n)
{
    int error = Z_OK;
    const int got = gzread(handle, out, (unsigned)hg_min_i64(n, PIECE));
    if (got > 0) return got;
    gzerror(handle, &error);
    return got < 0 || error == Z_BUF_ERROR || error == Z_DATA_ERROR ? -1 : 0;
}

static void close_gz(void *handle)
{
    gzclose(handle);
}

hg_status hg_regular_file(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) return hg_fail_system(path);
    if (S_ISREG(about.st_mode)) return HG_OK;
    if (S_ISDIR(about.st_mode)) return hg_fail(HG_FAILED, path, "is a directory");
    return hg_fail(HG_FAILED, path,
                   "is a pipe or a device, which ranks cannot share: write it to a file first");
}

bool hg_path_ends(const char *path, const char *ending)
{
    const size_t wanted = strlen(ending);
    size_t length = strlen(path);
    if (length >= 3 && strcasecmp(path + length - 3, ".gz") == 0) length -= 3;
    return length >= wanted && strncasecmp(path + length - wanted, ending, wanted) == 0;
}

hg_status hg_stream_open(const char *path, struct hg_stream *stream)
{
    *stream = (struct hg_stream){.what = path, .read = read_gz, .close = close_gz};
    HG_TRY(hg_regular_file(path));
    stream->handle = gzopen(path, "rb");
    if (stream->handle == NULL)
        return hg_fail(HG_FAILED, path, "%s", errno != 0 ? strerror(errno) : "cannot be opened");
    return HG_OK;
}

bool hg_stream_plain(const struct hg_stream *stream)
{
    return gzdirect(stream->handle) != 0;
}

int64_t hg_stream_done(const struct hg_stream *stream)
{
    return gzoffset(stream->handle);
}

int64_t hg_stream_size(const struct hg_stream *stream)
{
    struct stat about;
    return stat(stream->what, &about) == 0 ? about.st_size : 0;
}

hg_status hg_stream_read(const struct hg_stream *stream, void *out, int64_t n, int64_t *got)
{
    *got = 0;
    while (*got < n) {
        const int64_t more = stream->read(stream->handle, (char *)out + *got, n - *got);
        if (more < 0) return hg_fail(HG_FAILED, stream->what, "truncated or damaged");
        if (more == 0) return HG_OK;
        *got += more;
    }
    return HG_OK;
}

hg_status hg_stream_check_size(const char *path, int64_t bytes)
{
    static const int64_t small = (int64_t)1 << 26,
                         ratio = 1100; /* deflate saves at most 1032 of 1033 bytes */
    struct stat about;
    if (bytes <= small || stat(path, &about) != 0 || !S_ISREG(about.st_mode)) return HG_OK;
    if (bytes / ratio <= (int64_t)about.st_size) return HG_OK;
    return hg_fail(HG_FAILED, path, "truncated or damaged: it says that it is larger than it can be");
}

void hg_stream_close(struct hg_stream *stream)
{
    if (stream->handle != NULL) stream->close(stream->handle);
    stream->handle = NULL;
}
