#include "io/file_compare.h"

#include "base/mem.h"
#include "dist/facts.h"
#include "io/sha256.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECES = 16, PIECE_BYTES = 4096 };

/* Hashes PIECES evenly spaced pieces of the file, including its beginning and its end; of a file of up to
 * PIECES * PIECE_BYTES bytes, all of it. Bytes that cannot be read are left out: reading the file later will fail
 * with a better message. piece [PIECE_BYTES] is scratch. */
static void hash_sample(int descriptor, int64_t bytes, uint8_t *piece, char hex[HG_SHA256_TEXT])
{
    uint8_t digest[SHA256_DIGEST_SIZE];
    struct sha256_ctx context;
    sha256_init(&context);
    /* rounded up, so that the last piece reaches the end of the file */
    const int64_t stride = hg_max_i64(PIECE_BYTES, (bytes - PIECE_BYTES + PIECES - 2) / (PIECES - 1));
    for (int64_t at = 0; at < bytes; at += stride) {
        const ssize_t got = pread(descriptor, piece, PIECE_BYTES, at);
        if (got > 0) sha256_update(&context, (size_t)got, piece);
    }
    sha256_digest(&context, sizeof digest, digest);
    hg_sha256_print(digest, hex);
}

static hg_status add_regular(const char *path, int64_t bytes, struct hg_facts *facts)
{
    uint8_t *piece = NULL;
    char hex[HG_SHA256_TEXT];
    HG_TRY(HG_NEW(piece, PIECE_BYTES));
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
        hg_facts_add(facts, path, "unreadable (%s)", strerror(errno));
    } else {
        hash_sample(descriptor, bytes, piece, hex);
        hg_facts_add(facts, path, "%lld bytes (sample %.16s)", (long long)bytes, hex);
        close(descriptor);
    }
    hg_mem_free(piece);
    return HG_OK;
}

static hg_status add_file(const char *path, struct hg_facts *facts)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        hg_facts_add(facts, path, "unreadable (%s)", strerror(errno));
        return HG_OK;
    }
    if (S_ISREG(about.st_mode)) return add_regular(path, about.st_size, facts);
    hg_facts_add(facts, path, "no regular file");
    return HG_OK;
}

hg_status hg_files_compare(const struct hg_comm *comm, const char *const *paths, int count)
{
    struct hg_facts facts = {0};
    hg_status status = HG_OK;
    if (comm->size == 1) return HG_OK;
    for (int k = 0; k < count && status == HG_OK; k++)
        if (paths[k] != NULL) status = add_file(paths[k], &facts);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_facts_compare(comm, HG_FAILED, "files", &facts);
    hg_facts_destroy(&facts);
    return status;
}
