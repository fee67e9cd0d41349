/** A stream of bytes from a file, compressed by gzip or not, or from a member of an archive. */
#ifndef HG_IO_STREAM_H
#define HG_IO_STREAM_H

#include "base/status.h"
#include "base/types.h"

struct hg_stream {
    const char *what; /**< file or member, for messages; not owned */
    void *handle;
    int64_t (*read)(void *handle, void *out, int64_t n); /**< as read(2): bytes read; 0: end; -1: failed */
    void (*close)(void *handle);
};

/** Fails unless the path is a regular file. Inputs are read more than once and by every rank, while a pipe gives each
 *  byte to one reader only, and opening it may block. Does not open the file. Local. */
hg_status hg_regular_file(const char *path);

/** Whether the path ends in `ending` (such as ".mtx"), or in `ending` followed by ".gz"; ignores case. Local. */
bool hg_path_ends(const char *path, const char *ending);

/** Opens a plain or gzip-compressed file. `path` must outlive the stream. Local. */
hg_status hg_stream_open(const char *path, struct hg_stream *stream);

/** Whether an opened file is not compressed: what is read are its bytes. Local. */
bool hg_stream_plain(const struct hg_stream *stream);

/** Bytes of an opened file, not of its text, that have been read; how many it has. Local. */
int64_t hg_stream_done(const struct hg_stream *stream);
int64_t hg_stream_size(const struct hg_stream *stream);

/** Reads up to n bytes; *got: how many, fewer than n only at the end. Fails on damaged or truncated data. Local. */
hg_status hg_stream_read(const struct hg_stream *stream, void *out, int64_t n, int64_t *got);

/** Fails when the file is too small to contain `bytes` bytes, even at the best compression: called before memory is
 *  allocated for a size that a header claims. Local. */
hg_status hg_stream_check_size(const char *path, int64_t bytes);

/** Closes; a second call does nothing. */
void hg_stream_close(struct hg_stream *stream);

#endif
