#include "io/text/line_blocks.h"

#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 16 };

static int64_t batch_bytes(const struct hg_line_blocks *blocks)
{
    return HG_LINE_BATCH * blocks->block_bytes;
}

/* Bytes of a batch with the byte before it, and as much behind it as a block. */
static int64_t window_bytes(const struct hg_line_blocks *blocks)
{
    return 1 + batch_bytes(blocks) + blocks->block_bytes;
}

/* Starts the window of a batch, without any bytes. */
static void begin_window(const struct hg_line_blocks *blocks, struct hg_line_window *window, int64_t batch)
{
    window->batch = batch;
    window->from = window->to = blocks->start + batch * batch_bytes(blocks) - (batch > 0);
}

/* Gives this rank consecutive batches of a plain file of `bytes` bytes. */
static void divide_plain(struct hg_line_blocks *blocks, int64_t bytes, const struct hg_comm *comm,
                         int64_t *first)
{
    const int64_t length = hg_max_i64(bytes - blocks->start, 0), one = batch_bytes(blocks);
    const struct hg_range mine = hg_block_range(length / one + (length % one > 0), comm->rank, comm->size);
    blocks->mine = (struct hg_range){blocks->start + mine.first * one,
                                     blocks->start + hg_min_i64(mine.end * one, length)};
    blocks->position = blocks->mine.first;
    *first = mine.first;
    blocks->batch_end = mine.end;
    blocks->stride = 1;
}

static hg_status open_plain(struct hg_line_blocks *blocks, const char *path, const struct hg_comm *comm,
                            int64_t *first)
{
    struct stat about;
    blocks->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (blocks->descriptor < 0 || fstat(blocks->descriptor, &about) != 0) return hg_fail_system(path);
    divide_plain(blocks, about.st_size, comm, first);
    return HG_OK;
}

hg_status hg_line_blocks_open(const char *path, int64_t start, int64_t block_bytes,
                              const struct hg_comm *comm, struct hg_line_blocks *blocks)
{
    int64_t first = comm->rank;
    *blocks = (struct hg_line_blocks){.descriptor = -1,
                                      .start = start,
                                      .block_bytes = block_bytes > 0 ? block_bytes : BLOCK_BYTES,
                                      .batch_end = INT64_MAX,
                                      .stride = comm->size,
                                      .stop = INT64_MAX};
    HG_TRY(hg_stream_open(path, &blocks->stream));
    if (hg_stream_plain(&blocks->stream)) HG_TRY(open_plain(blocks, path, comm, &first));
    for (int w = 0; w < 2; w++) /* a byte more, for the line end that the file may lack */
        HG_TRY(HG_NEW_UNSET(blocks->window[w].data, window_bytes(blocks) + 1));
    blocks->window[0].batch = -1;
    begin_window(blocks, &blocks->window[1], first);
    return HG_OK;
}

void hg_line_blocks_close(struct hg_line_blocks *blocks)
{
    hg_stream_close(&blocks->stream);
    if (blocks->descriptor >= 0) close(blocks->descriptor);
    blocks->descriptor = -1;
    for (int w = 0; w < 2; w++) HG_FREE(blocks->window[w].data);
}

/* As read(2), at `position` of the text: 0: end; -1: failed. */
static int64_t read_some(const struct hg_line_blocks *blocks, char *out, int64_t n, int64_t position)
{
    if (blocks->descriptor < 0) return blocks->stream.read(blocks->stream.handle, out, n);
    int64_t got;
    do got = pread(blocks->descriptor, out, (size_t)n, (off_t)position);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Reads up to n bytes; fewer only where the text stops. Returns how many. */
static int64_t read_bytes(struct hg_line_blocks *blocks, char *out, int64_t n)
{
    int64_t done = 0;
    while (done < n && blocks->stop == INT64_MAX) {
        const int64_t got = read_some(blocks, out + done, n - done, blocks->position);
        if (got <= 0) {
            blocks->stop = blocks->position;
            blocks->damaged = got < 0;
            break;
        }
        done += got;
        blocks->position += got;
    }
    return done;
}

/* Moves the stream to `position`; `waste` has room for window_bytes. */
static void skip_to(struct hg_line_blocks *blocks, int64_t position, char *waste)
{
    if (blocks->descriptor >= 0) blocks->position = position;
    while (blocks->position < position && blocks->stop == INT64_MAX)
        read_bytes(blocks, waste, hg_min_i64(position - blocks->position, window_bytes(blocks)));
}

void hg_line_blocks_read_ahead(struct hg_line_blocks *blocks)
{
    struct hg_line_window *window = &blocks->window[1];
    if (window->batch >= blocks->batch_end) return;
    skip_to(blocks, window->to, window->data);
    const int64_t have = window->to - window->from;
    window->to += read_bytes(blocks, window->data + have, window_bytes(blocks) - have);
}

/* Copies the bytes that the next batch shares with the present one, before anybody changes them. */
static void begin_next(const struct hg_line_blocks *blocks, const struct hg_line_window *now,
                       struct hg_line_window *next)
{
    begin_window(blocks, next, now->batch + blocks->stride);
    if (next->from >= now->to) return;
    memcpy(next->data, now->data + (next->from - now->from), (size_t)(now->to - next->from));
    next->to = now->to;
}

static char *at_byte(const struct hg_line_window *window, int64_t position)
{
    return window->data + (position - window->from);
}

/* The position behind the next line end in bytes [from, to); -1: there is none. */
static int64_t behind_line(const struct hg_line_window *window, int64_t from, int64_t to)
{
    const char *end = from < to ? memchr(at_byte(window, from), '\n', (size_t)(to - from)) : NULL;
    return end != NULL ? window->from + (end - window->data) + 1 : -1;
}

/* The position behind the last line that starts before `end`; -1: it is not known. Ends the last line of the text,
 * which may lack its end. */
static int64_t behind_lines(const struct hg_line_blocks *blocks, const struct hg_line_window *window,
                            int64_t end)
{
    const int64_t behind = behind_line(window, end - 1, window->to);
    if (behind >= 0 || blocks->damaged || window->to != blocks->stop) return behind;
    *at_byte(window, window->to) = '\n';
    return window->to + 1;
}

/* Finds the lines of block `number` in the window. */
static void cut(const struct hg_line_blocks *blocks, const struct hg_line_window *window, int64_t number,
                struct hg_line_block *block)
{
    const int64_t first = blocks->start + number * blocks->block_bytes, end = first + blocks->block_bytes,
                  there = hg_min_i64(end, window->to);
    *block = (struct hg_line_block){
        .number = number, .first = first, .end = end, .whole = !blocks->damaged || end <= blocks->stop};
    const int64_t begin = number > 0 ? behind_line(window, first - 1, there - 1) : first;
    if (begin < 0 || begin >= there || !block->whole) return;
    const int64_t behind = behind_lines(blocks, window, there);
    block->whole = behind >= 0;
    block->text = at_byte(window, begin);
    block->bytes = behind - begin;
}

bool hg_line_blocks_next(struct hg_line_blocks *blocks)
{
    const struct hg_line_window window = blocks->window[1];
    const int64_t number = window.batch * HG_LINE_BATCH;
    blocks->count = 0;
    if (window.batch >= blocks->batch_end) return false;
    /* a block begins where a damaged text stops, even when it has no bytes: it is where the failure is found */
    const int64_t stop = blocks->stop < INT64_MAX ? blocks->stop + blocks->damaged : window.to;
    for (; blocks->count < HG_LINE_BATCH; blocks->count++) {
        if (blocks->start + (number + blocks->count) * blocks->block_bytes >= stop) break;
        cut(blocks, &window, number + blocks->count, &blocks->block[blocks->count]);
    }
    blocks->window[1] = blocks->window[0];
    blocks->window[0] = window;
    begin_next(blocks, &blocks->window[0], &blocks->window[1]);
    return blocks->count > 0;
}

int64_t hg_line_blocks_bytes(const struct hg_line_blocks *blocks)
{
    if (blocks->descriptor >= 0) return blocks->mine.end - blocks->mine.first;
    return hg_stream_size(&blocks->stream);
}

int64_t hg_line_blocks_done(const struct hg_line_blocks *blocks)
{
    if (blocks->descriptor >= 0) return blocks->position - blocks->mine.first;
    return hg_stream_done(&blocks->stream);
}
