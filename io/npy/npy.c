#include "io/npy/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_BYTES = 1 << 16, HEADER_BYTES = 1 << 16 };

/* A type of numbers: NumPy's name without the byte order, and functions that convert one element to double or,
 * integers only, to int64. */
struct hg_npy_type {
    const char *name;
    unsigned classes;
    size_t bytes;
    double (*real)(const char *element);
    int64_t (*integer)(const char *element);
};

#define LOADERS(name, type)                                                                                  \
    static double name##_real(const char *element)                                                           \
    {                                                                                                        \
        type value;                                                                                          \
        memcpy(&value, element, sizeof value);                                                               \
        return (double)value;                                                                                \
    }
#define INTEGER_LOADERS(name, type)                                                                          \
    LOADERS(name, type)                                                                                      \
    static int64_t name##_integer(const char *element)                                                       \
    {                                                                                                        \
        type value;                                                                                          \
        memcpy(&value, element, sizeof value);                                                               \
        return (int64_t)value;                                                                               \
    }

LOADERS(f4, float)
LOADERS(f8, double)
INTEGER_LOADERS(i1, int8_t)
INTEGER_LOADERS(i2, int16_t)
INTEGER_LOADERS(i4, int32_t)
INTEGER_LOADERS(i8, int64_t)
INTEGER_LOADERS(u1, uint8_t)
INTEGER_LOADERS(u2, uint16_t)
INTEGER_LOADERS(u4, uint32_t)
INTEGER_LOADERS(u8, uint64_t)

/* IEEE 754 binary16. */
static double f2_real(const char *element)
{
    uint16_t half;
    memcpy(&half, element, sizeof half);
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    double size = ldexp(exponent == 0 ? fraction : fraction + 1024, (exponent == 0 ? 1 : exponent) - 25);
    if (exponent == 31) size = fraction == 0 ? INFINITY : NAN;
    return half >> 15 ? -size : size;
}

static const struct hg_npy_type types[] = {
    {"f2", HG_H5_FLOAT, 2, f2_real, NULL},         {"f4", HG_H5_FLOAT, 4, f4_real, NULL},
    {"f8", HG_H5_FLOAT, 8, f8_real, NULL},         {"i1", HG_H5_INTEGER, 1, i1_real, i1_integer},
    {"i2", HG_H5_INTEGER, 2, i2_real, i2_integer}, {"i4", HG_H5_INTEGER, 4, i4_real, i4_integer},
    {"i8", HG_H5_INTEGER, 8, i8_real, i8_integer}, {"u1", HG_H5_INTEGER, 1, u1_real, u1_integer},
    {"u2", HG_H5_INTEGER, 2, u2_real, u2_integer}, {"u4", HG_H5_INTEGER, 4, u4_real, u4_integer},
    {"u8", HG_H5_INTEGER, 8, u8_real, u8_integer}, {"b1", HG_H5_BOOL, 1, u1_real, u1_integer},
};

/* Types that are not read, by the first letter after the byte order. */
static const struct {
    char letter;
    const char *kind;
} other_kinds[] = {
    {'O', "Python objects"},
    {'U', "text"},
    {'S', "text"},
    {'a', "text"},
    {'c', "complex numbers"},
    {'V', "records"},
    {'M', "dates"},
    {'m', "spans of time"},
    {'f', "floating-point numbers of more than 8 bytes"},
};

static hg_status malformed(const struct hg_stream *stream)
{
    return hg_fail(HG_FAILED, stream->what, "not an array of NumPy, or a damaged one");
}

static hg_status read_exactly(const struct hg_stream *stream, void *out, int64_t n)
{
    int64_t got = 0;
    HG_TRY(hg_stream_read(stream, out, n, &got));
    return got == n ? HG_OK : malformed(stream);
}

/* Text of the value of a key in the header's dictionary; NULL when there is no such key. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (at == NULL) return NULL;
    at += strlen(key);
    return at + strspn(at, " :");
}

/* Parses a shape, such as "(2, 30)". False when it is malformed or the array exceeds 2^62 bytes. */
static bool parse_shape(const char *at, struct hg_h5_shape *shape)
{
    int64_t bytes = (int64_t)shape->bytes;
    if (*at++ != '(') return false;
    while (*(at += strspn(at, ", ")) != ')') {
        char *end = NULL;
        const long long size = strtoll(at, &end, 10);
        if (end == at || size < 0 || __builtin_mul_overflow(bytes, hg_max_i64(size, 1), &bytes)) return false;
        if (shape->dims < HG_H5_DIMS) shape->size[shape->dims] = size;
        shape->dims++;
        at = end;
    }
    return bytes <= (int64_t)1 << 62;
}

/* Parses the element type: descr is "'<f4'", or a list that describes records. */
static void parse_type(const char *descr, struct hg_npy *npy)
{
    const bool quoted = descr[0] == '\'' && strlen(descr) > 3 && strchr("<>=|", descr[1]) != NULL;
    const char *name = descr + 2;
    npy->shape = (struct hg_h5_shape){.classes = HG_H5_OTHER, .bytes = 1, .kind = "something else"};
    if (descr[0] == '[') npy->shape.kind = "records";
    if (!quoted) return;
    for (size_t k = 0; k < sizeof other_kinds / sizeof other_kinds[0]; k++)
        if (name[0] == other_kinds[k].letter) npy->shape.kind = other_kinds[k].kind;
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        if (strncmp(name, types[t].name, 2) != 0 || name[2] != '\'') continue;
        npy->type = &types[t];
        npy->swapped = descr[1] == '>' && types[t].bytes > 1;
        npy->shape = (struct hg_h5_shape){.classes = types[t].classes, .bytes = types[t].bytes};
    }
}

static bool parse_header(const char *header, struct hg_npy *npy)
{
    const char *descr = value_of(header, "'descr'"), *order = value_of(header, "'fortran_order'");
    const char *shape = value_of(header, "'shape'");
    if (descr == NULL || order == NULL || shape == NULL) return false;
    parse_type(descr, npy);
    npy->fortran = strncmp(order, "True", 4) == 0;
    if ((!npy->fortran && strncmp(order, "False", 5) != 0) || !parse_shape(shape, &npy->shape)) return false;
    if (npy->shape.dims <= HG_H5_DIMS) return true;
    npy->type = NULL;
    npy->shape = (struct hg_h5_shape){.classes = HG_H5_OTHER, .kind = "an array of more than 4 dimensions"};
    return true;
}

hg_status hg_npy_read_header(const struct hg_stream *stream, struct hg_npy *npy)
{
    static const char magic[6] = {'\x93', 'N', 'U', 'M', 'P', 'Y'};
    uint8_t start[12] = {0};
    char header[HEADER_BYTES + 1];
    *npy = (struct hg_npy){0};
    HG_TRY(read_exactly(stream, start, 10));
    if (memcmp(start, magic, sizeof magic) != 0) return malformed(stream);
    if (start[6] < 1 || start[6] > 3)
        return hg_fail(HG_FAILED, stream->what, "version %d of NumPy's format, not 1 to 3", start[6]);
    const bool wide = start[6] > 1; /* versions 2 and 3 have four bytes of length */
    if (wide) HG_TRY(read_exactly(stream, start + 10, 2));
    const int64_t length = start[8] | start[9] << 8 | (int64_t)start[10] << 16 | (int64_t)start[11] << 24;
    if (length > HEADER_BYTES) return malformed(stream);
    HG_TRY(read_exactly(stream, header, length));
    header[length] = '\0';
    npy->header_bytes = (wide ? 12 : 10) + length;
    return parse_header(header, npy) ? HG_OK : malformed(stream);
}

/* Reads elements of `bytes` bytes from a stream through a buffer; `bytes` divides BUFFER_BYTES. at and end: next and
 * last byte in the buffer. */
struct cursor {
    const struct hg_stream *stream;
    size_t bytes;
    int64_t at, end;
    char buffer[BUFFER_BYTES];
};

/* Ensures that at least one element is in the buffer. */
static hg_status fill(struct cursor *cursor)
{
    if (cursor->at < cursor->end) return HG_OK;
    cursor->at = 0;
    HG_TRY(hg_stream_read(cursor->stream, cursor->buffer, BUFFER_BYTES, &cursor->end));
    cursor->end -= cursor->end % (int64_t)cursor->bytes;
    if (cursor->end == 0) return hg_fail(HG_FAILED, cursor->stream->what, "truncated: elements are missing");
    return HG_OK;
}

static hg_status skip(struct cursor *cursor, int64_t elements)
{
    for (int64_t bytes = elements * (int64_t)cursor->bytes; bytes > 0;) {
        HG_TRY(fill(cursor));
        const int64_t step = hg_min_i64(bytes, cursor->end - cursor->at);
        cursor->at += step;
        bytes -= step;
    }
    return HG_OK;
}

/* Converts one element and writes it to data[at]; false when it does not fit the type. */
static bool store(const struct hg_npy *npy, const char *stored, enum hg_h5_type type, void *data, int64_t at)
{
    const struct hg_npy_type *from = npy->type;
    char native[sizeof(double)] = {0};
    for (size_t k = 0; npy->swapped && k < from->bytes; k++) native[k] = stored[from->bytes - 1 - k];
    const char *element = npy->swapped ? native : stored;
    if (type == HG_H5_INT64) {
        ((int64_t *)data)[at] = from->integer(element);
        return from->integer != u8_integer || ((int64_t *)data)[at] >= 0;
    }
    if (type == HG_H5_REAL)
        ((hg_real *)data)[at] = (hg_real)from->real(element);
    else
        ((double *)data)[at] = from->real(element);
    return true;
}

/* A block in the order of the file. A run is a row (C order) or a column (Fortran order) of `size` elements; wanted
 * are elements [first, first + count) of `runs` runs from first_run on. */
struct runs {
    int64_t first_run, runs, first, count, size;
    int64_t run_stride, stride; /* in the result: from run to run, from element to element */
};

static struct runs runs_of(const struct hg_npy *npy, const struct hg_h5_block *block)
{
    const int64_t *size = npy->shape.size;
    const bool matrix = npy->shape.dims == 2;
    const int64_t rows = npy->shape.dims > 0 ? size[0] : 1, cols = matrix ? size[1] : 1;
    const int64_t row = npy->shape.dims > 0 ? block->start[0] : 0,
                  num_rows = npy->shape.dims > 0 ? block->count[0] : 1;
    const int64_t col = matrix ? block->start[1] : 0, num_cols = matrix ? block->count[1] : 1;
    if (npy->fortran || !matrix) return (struct runs){col, num_cols, row, num_rows, rows, 1, num_cols};
    return (struct runs){row, num_rows, col, num_cols, cols, num_cols, 1};
}

/* Whether the block lies in the array: the file may have changed since its shape was read. */
static bool is_inside(const struct hg_npy *npy, const struct hg_h5_block *block)
{
    for (int d = 0; d < npy->shape.dims; d++)
        if (block->start[d] < 0 || block->start[d] > npy->shape.size[d] - block->count[d]) return false;
    return npy->shape.dims == block->dims;
}

static hg_status read_runs(struct cursor *cursor, const struct hg_npy *npy, enum hg_h5_type type,
                           const struct runs *runs, void *data)
{
    HG_TRY(skip(cursor, runs->first_run * runs->size));
    for (int64_t r = 0; r < runs->runs; r++) {
        HG_TRY(skip(cursor, runs->first));
        for (int64_t k = 0; k < runs->count; k++) {
            HG_TRY(fill(cursor));
            if (!store(npy, cursor->buffer + cursor->at, type, data, r * runs->run_stride + k * runs->stride))
                return hg_fail(HG_FAILED, cursor->stream->what, "holds a number that is out of range");
            cursor->at += (int64_t)cursor->bytes;
        }
        if (r + 1 < runs->runs) HG_TRY(skip(cursor, runs->size - runs->first - runs->count));
    }
    return HG_OK;
}

hg_status hg_npy_read(const struct hg_stream *stream, const struct hg_npy *npy, enum hg_h5_type type,
                      const struct hg_h5_block *block, void *data)
{
    struct cursor cursor;
    const struct runs runs = runs_of(npy, block);
    if (npy->type == NULL)
        return hg_fail(HG_FAILED, stream->what, "holds %s, not real numbers", npy->shape.kind);
    if (npy->shape.dims > 2) return hg_fail(HG_FAILED, stream->what, "has more than two dimensions");
    if (type == HG_H5_INT64 && npy->type->integer == NULL)
        return hg_fail(HG_FAILED, stream->what, "holds floating-point numbers, not integers");
    if (runs.runs * runs.count == 0) return HG_OK;
    if (!is_inside(npy, block)) return hg_fail(HG_FAILED, stream->what, "rows outside it were asked for");
    cursor.stream = stream;
    cursor.bytes = npy->type->bytes;
    cursor.at = cursor.end = 0;
    return read_runs(&cursor, npy, type, &runs, data);
}
