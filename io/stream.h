/** Bytes from a file, compressed or not, or from a member of an archive. */
#ifndef HG_IO_STREAM_H
#define HG_IO_STREAM_H

#include "base/status.h"
#include "base/types.h"

struct hg_stream {
    const char *what; /**< file or member, for messages; not owned */
    void *handle;
    int64_t (*read)(void *handle, void *out, int64_t n); /**< as read(2): bytes read, 0 at the end, -1 */
    void (*close)(void *handle);
};

/** Fails unless the path is a regular file: inputs are read more than once and by every rank, and a pipe gives each byte to one reader
 *  (opening one may wait for ever). Does not open it. Local. */
hg_status hg_regular_file(const char *path);

/** Whether the path ends in `ending` (".mtx", in small or large letters), or in that and ".gz". Local. */
bool hg_path_ends(const char *path, const char *ending);

/** Opens a plain or gzip-compressed file. Local. */
hg_status hg_stream_open(const char *path, struct hg_stream *stream);

/** Reads up to n bytes, fewer only at the end: *got. Fails on damaged or truncated data. Local. */
hg_status hg_stream_read(const struct hg_stream *stream, void *out, int64_t n, int64_t *got);

/** Fails when a file of its size cannot hold `bytes` bytes, were it compressed as well as can be: nothing absurd is allocated for what a
 *  header says. Local. */
hg_status hg_stream_check_size(const char *path, int64_t bytes);

/** Closes; a second call does nothing. */
void hg_stream_close(struct hg_stream *stream);

#endif
