/** Divides a text file, plain or gzip-compressed, into blocks of whole lines, so that ranks and threads parse it side
 *  by side.
 *
 *  Block k has the lines that start in bytes [start + k B, start + (k + 1) B) of the text, whatever their length. A
 *  batch is HG_LINE_BATCH consecutive blocks. A plain file gives each rank consecutive batches, of which it reads no
 *  others. A compressed file has to be decompressed from its beginning: every rank does that, and takes batches in
 *  turn.
 *
 *      hg_line_blocks_open(path, start, 0, comm, &blocks);
 *      hg_line_blocks_read_ahead(&blocks);
 *      while (hg_line_blocks_next(&blocks))        blocks.block[0 .. blocks.count) are a batch
 *          hg_line_blocks_read_ahead(&blocks);     may be done by one thread while others parse the batch */
#ifndef HG_IO_TEXT_LINE_BLOCKS_H
#define HG_IO_TEXT_LINE_BLOCKS_H

#include "dist/comm.h"
#include "io/stream.h"

enum { HG_LINE_BATCH = 32 /**< blocks per batch */ };

/** A block of lines. */
struct hg_line_block {
    int64_t number;     /**< in the file */
    int64_t first, end; /**< its lines start in bytes [first, end) of the text */
    /** whether the lines are in `text`. If not, a line goes on beyond the next block, or the file is damaged here: the
     *  lines must be read in another way (io/text/text.h) */
    bool whole;
    char *
        text; /**< [bytes] its lines, each ended by '\n', also where the file lacks the last one; may be changed */
    int64_t bytes;
};

/** Bytes of the text that are in memory: [from, to). */
struct hg_line_window {
    int64_t batch, from, to;
    char *data;
};

struct hg_line_blocks {
    struct hg_line_block block[HG_LINE_BATCH];
    int count;

    /* private */
    struct hg_stream stream;
    int descriptor;             /* of a plain file; -1: compressed, `stream` is read */
    int64_t start, block_bytes; /* of the text */
    struct hg_range mine;       /* bytes of a plain file that this rank reads */
    int64_t batch_end, stride;  /* batches of this rank: up to batch_end, every stride-th */
    int64_t position;           /* of the stream */
    int64_t stop; /* where the text ends, or where it cannot be read; INT64_MAX: not known yet */
    bool damaged; /* at `stop` */
    struct hg_line_window window[2]; /* of the present batch and of the next one */
};

/** Opens the text of a file from byte `start` on, where a line starts. block_bytes: B; 0: 64 KiB. Close also after a
 *  failure. Local. */
hg_status hg_line_blocks_open(const char *path, int64_t start, int64_t block_bytes,
                              const struct hg_comm *comm, struct hg_line_blocks *blocks);
void hg_line_blocks_close(struct hg_line_blocks *blocks);

/** Reads the batch behind the present one. It does not fail: the blocks that cannot be read are not whole. Local. */
void hg_line_blocks_read_ahead(struct hg_line_blocks *blocks);

/** Makes the batch that was read ahead the present one; false when there is none. The last one is no longer valid.
 *  Local. */
bool hg_line_blocks_next(struct hg_line_blocks *blocks);

/** How many bytes of the file this rank reads, and how many it has read; of a compressed file, compressed bytes. Not
 *  while it reads ahead. Local. */
int64_t hg_line_blocks_bytes(const struct hg_line_blocks *blocks);
int64_t hg_line_blocks_done(const struct hg_line_blocks *blocks);

#endif
