#include "io/seal.h"

#include "base/types.h"
#include "io/bytes.h"
#include "io/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A seal has the same text in both halves. If one of them is damaged, the other still shows that the file has a
 * seal. */
enum { HALF = HG_SEAL_BYTES / 2, PIECE_BYTES = 1 << 16 };
static const char magic[] = "halogat-seal";

/* Reads up to n bytes from offset `at`; fewer only at the end of the file. Returns their number, -1 on failure. */
static int64_t read_at(int descriptor, char *out, int64_t n, int64_t at)
{
    int64_t got = 0;
    while (got < n) {
        const ssize_t more = pread(descriptor, out + got, (size_t)(n - got), (off_t)(at + got));
        if (more < 0 && errno == EINTR) continue;
        if (more < 0) return -1;
        if (more == 0) break;
        got += more;
    }
    return got;
}

/* Computes the seal of a file from the bytes behind it. */
static hg_status make(int descriptor, const char *shown, char seal[HG_SEAL_BYTES])
{
    char piece[PIECE_BYTES], hex[HG_SHA256_TEXT];
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    int64_t bytes = 0, got;
    sha256_init(&context);
    while ((got = read_at(descriptor, piece, PIECE_BYTES, HG_SEAL_BYTES + bytes)) > 0) {
        sha256_update(&context, (size_t)got, (const uint8_t *)piece);
        bytes += got;
    }
    if (got < 0) return hg_fail_system(shown);
    sha256_digest(&context, sizeof digest, digest);
    hg_sha256_print(digest, hex);
    memset(seal, 0, HG_SEAL_BYTES);
    for (int half = 0; half < 2; half++)
        snprintf(seal + half * HALF, HALF, "%s 1\nbytes %lld\nsha256 %s\n", magic, (long long)bytes, hex);
    return HG_OK;
}

static hg_status write_seal(int descriptor, const char *shown)
{
    char seal[HG_SEAL_BYTES];
    HG_TRY(make(descriptor, shown, seal));
    return hg_bytes_write(descriptor, seal, sizeof seal, 0) ? HG_OK : hg_fail_system(shown);
}

hg_status hg_seal_write(const char *path, const char *shown)
{
    const int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return hg_fail_system(shown);
    hg_status status = write_seal(descriptor, shown);
    if (close(descriptor) != 0 && status == HG_OK) status = hg_fail_system(shown);
    return status;
}

/* Reads the place of the seal. *sealed: at least one half of it is there. */
static hg_status read_seal(int descriptor, const char *path, char found[HG_SEAL_BYTES], bool *sealed)
{
    memset(found, 0, HG_SEAL_BYTES);
    if (read_at(descriptor, found, HG_SEAL_BYTES, 0) < 0) return hg_fail_system(path);
    *sealed =
        memcmp(found, magic, sizeof magic - 1) == 0 || memcmp(found + HALF, magic, sizeof magic - 1) == 0;
    return HG_OK;
}

static hg_status check_seal(int descriptor, const char *path)
{
    char found[HG_SEAL_BYTES], fits[HG_SEAL_BYTES];
    bool sealed = false;
    HG_TRY(read_seal(descriptor, path, found, &sealed));
    if (!sealed) return HG_OK;
    HG_TRY(make(descriptor, path, fits));
    if (memcmp(found, fits, sizeof found) == 0) return HG_OK;
    return hg_fail(HG_FAILED, path, "truncated or damaged: it is not what its checksum was made of");
}

static hg_status require_seal(int descriptor, const char *path)
{
    char found[HG_SEAL_BYTES];
    bool sealed = false;
    HG_TRY(read_seal(descriptor, path, found, &sealed));
    return sealed ? HG_OK : hg_fail(HG_FAILED, path, "truncated or damaged: it has no checksum");
}

/* Calls one of the two on the open file. */
static hg_status with_file(const char *path, hg_status (*check)(int descriptor, const char *path))
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return hg_fail_system(path);
    const hg_status status = check(descriptor, path);
    close(descriptor);
    return status;
}

hg_status hg_seal_require(const char *path)
{
    return with_file(path, require_seal);
}

hg_status hg_seal_check(const char *path)
{
    return with_file(path, check_seal);
}
