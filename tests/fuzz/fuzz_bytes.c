/* Changes bytes of a file without regard to its format. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void flip_bits(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    bytes[fuzz_below(rng, (int64_t)*count)] ^= (char)(1 << fuzz_below(rng, 8));
}

static void set_byte(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    static const char special[] = {0, -1, 127, -128, ' ', '\n', '0', '-'};
    bytes[fuzz_below(rng, (int64_t)*count)] = special[fuzz_below(rng, sizeof special)];
}

/* Writes an integer of 1, 2, 4 or 8 bytes at a random offset. */
static void set_integer(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    const size_t width = (size_t)1 << fuzz_below(rng, 4);
    const int64_t value = fuzz_integer(rng, (int64_t)*count);
    if (*count >= width) memcpy(bytes + fuzz_below(rng, (int64_t)(*count - width + 1)), &value, width);
}

static void cut_end(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    (void)bytes;
    *count = (size_t)fuzz_below(rng, (int64_t)*count + 1);
}

/* Overwrites a block by another block of the file. */
static void copy_block(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    const int64_t all = (int64_t)*count;
    const int64_t length = 1 + fuzz_below(rng, fuzz_once_in(rng, 2) ? hg_min_i64(16, all) : all);
    const int64_t from = fuzz_below(rng, (int64_t)*count - length + 1);
    memmove(bytes + fuzz_below(rng, (int64_t)*count - length + 1), bytes + from, (size_t)length);
}

static void remove_block(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    const int64_t at = fuzz_below(rng, (int64_t)*count);
    const int64_t length = hg_min_i64(1 + fuzz_below(rng, 64), (int64_t)*count - at);
    memmove(bytes + at, bytes + at + length, *count - (size_t)(at + length));
    *count -= (size_t)length;
}

/* Repeats a block of up to 64 bytes. The buffer has ROOM more bytes than the file. */
static void repeat_block(struct fuzz_rng *rng, char *bytes, size_t *count)
{
    const int64_t at = fuzz_below(rng, (int64_t)*count);
    const int64_t length = hg_min_i64(1 + fuzz_below(rng, 64), (int64_t)*count - at);
    memmove(bytes + at + length, bytes + at, *count - (size_t)at);
    *count += (size_t)length;
}

void fuzz_bytes(struct fuzz_rng *rng, const char *path)
{
    enum { CHANGES = 8, ROOM = 1 << 10 };
    static void (*const change[])(struct fuzz_rng *, char *,
                                  size_t *) = {flip_bits, flip_bits,  set_byte,     set_integer, set_integer,
                                               cut_end,   copy_block, remove_block, repeat_block};
    char *bytes;
    size_t count;
    fuzz_read(path, &bytes, &count);
    bytes = realloc(bytes, count + ROOM);
    if (bytes == NULL) fuzz_stop(path, "out of memory");
    for (int64_t k = 1 + fuzz_below(rng, CHANGES); k > 0 && count > 0; k--)
        change[fuzz_below(rng, sizeof change / sizeof *change)](rng, bytes, &count);
    fuzz_write(path, bytes, count);
    free(bytes);
}
