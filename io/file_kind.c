#include "io/file_kind.h"

#include "base/mem.h"
#include "io/hdf5/h5_list.h"
#include "io/stream.h"
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { START_BYTES = 512, PATH = 4096 };

/* The first bytes of a file; `bytes` of them are valid. */
struct start {
    unsigned char byte[START_BYTES];
    size_t bytes;
};

static const struct {
    enum hg_file_kind kind;
    size_t bytes;
    const char *magic;
} magics[] = {
    {HG_FILE_HDF5, 8, "\x89HDF\r\n\x1a\n"},
    {HG_FILE_HDF5, 12, "halogat-seal"}, /* a checkpoint begins with its seal (io/seal.h) */
    {HG_FILE_NPZ, 4, "PK\x03\x04"},
    {HG_FILE_ZIP, 4, "PK\x05\x06"}, /* an empty archive */
    {HG_FILE_NPY, 6, "\x93NUMPY"},
    {HG_FILE_MATRIX, 14, "%%MatrixMarket"},
    {HG_FILE_GZIP, 2, "\x1f\x8b"},
    {HG_FILE_TORCH, 2, "\x80\x02"},
};

/* For each kind: its name in messages; whether `import` reads it; advice how to convert it, or NULL. */
static const struct {
    const char *name;
    bool imported;
    const char *advice;
} kinds[HG_FILE_KINDS] = {
    [HG_FILE_GRAPH] = {"a graph file", false, NULL},
    [HG_FILE_CHECKPOINT] = {"a checkpoint", false, NULL},
    [HG_FILE_DATA] = {"an HDF5 file with edge_index", true, NULL},
    [HG_FILE_PARAMS] = {"HDF5 with parameters only", false, NULL},
    [HG_FILE_HDF5] = {"HDF5 without what makes a graph (attribute format, or edge_index to import)", false,
                      NULL},
    [HG_FILE_NPZ] = {"a NumPy archive", true, NULL},
    [HG_FILE_NPY] = {"one NumPy array", false,
                     "numpy.savez puts edge_index, x and y into one file, which import reads"},
    [HG_FILE_TORCH] = {"a PyTorch file", false,
                       "numpy.savez puts edge_index, x and y into one file, which import reads"},
    [HG_FILE_ZIP] = {"a ZIP archive", false, NULL},
    [HG_FILE_MATRIX] = {"a matrix (MatrixMarket)", true, NULL},
    [HG_FILE_GZIP] = {"a compressed file", true, NULL},
    [HG_FILE_TEXT] = {"text", true, NULL},
    [HG_FILE_EMPTY] = {"empty", false, NULL},
    [HG_FILE_RUN] = {"the folder of a run", false, NULL},
    [HG_FILE_FOLDER] = {"a folder", false, NULL},
    [HG_FILE_OTHER] = {"of an unknown format", false, NULL},
};

/* The kind of a ZIP archive, by the name of its first entry: NAME.npy in NumPy's archives, NAME/data.pkl in
 * PyTorch's. */
static enum hg_file_kind zip_kind(const struct start *start)
{
    enum { NAME_LENGTH = 26, NAME = 30 };
    if (start->bytes < NAME) return HG_FILE_ZIP;
    const size_t length = start->byte[NAME_LENGTH] | (size_t)start->byte[NAME_LENGTH + 1] << 8;
    const char *name = (const char *)start->byte + NAME;
    if (NAME + length > start->bytes) return HG_FILE_ZIP;
    if (length >= 4 && memcmp(name + length - 4, ".npy", 4) == 0) return HG_FILE_NPZ;
    return length >= 8 && memcmp(name + length - 8, "data.pkl", 8) == 0 ? HG_FILE_TORCH : HG_FILE_ZIP;
}

static bool is_text(const struct start *start)
{
    for (size_t k = 0; k < start->bytes; k++)
        if (start->byte[k] < ' ' && strchr("\t\n\r\f", start->byte[k]) == NULL) return false;
    return memchr(start->byte, 0, start->bytes) == NULL;
}

static enum hg_file_kind kind_of(const struct start *start)
{
    if (start->bytes == 0) return HG_FILE_EMPTY;
    for (size_t k = 0; k < sizeof magics / sizeof *magics; k++) {
        if (start->bytes < magics[k].bytes || memcmp(start->byte, magics[k].magic, magics[k].bytes) != 0)
            continue;
        return magics[k].kind == HG_FILE_NPZ ? zip_kind(start) : magics[k].kind;
    }
    return is_text(start) ? HG_FILE_TEXT : HG_FILE_OTHER;
}

/* Whether HDF5's signature comes after a user block, whose size is 512 bytes times a power of 2. */
static bool is_hdf5_further_on(FILE *file)
{
    char byte[8];
    for (long at = START_BYTES; fseek(file, at, SEEK_SET) == 0 && fread(byte, sizeof byte, 1, file) == 1;
         at *= 2)
        if (memcmp(byte, magics[0].magic, sizeof byte) == 0) return true;
    return false;
}

static bool holds(const char *folder, const char *name)
{
    char path[PATH];
    struct stat about;
    return snprintf(path, sizeof path, "%s/%s", folder, name) < (int)sizeof path && stat(path, &about) == 0;
}

hg_status hg_file_kind(const char *path, enum hg_file_kind *kind)
{
    struct stat about;
    struct start start = {.bytes = 0};
    if (stat(path, &about) != 0) return hg_fail_system(path);
    if (S_ISDIR(about.st_mode)) {
        *kind = holds(path, "metrics.jsonl") || holds(path, "summary.json") ? HG_FILE_RUN : HG_FILE_FOLDER;
        return HG_OK;
    }
    HG_TRY(hg_regular_file(path));
    FILE *file = fopen(path, "rb");
    if (file == NULL) return hg_fail_system(path);
    start.bytes = fread(start.byte, 1, sizeof start.byte, file);
    const bool failed = ferror(file) != 0, further = !failed && is_hdf5_further_on(file);
    fclose(file);
    if (failed) return hg_fail(HG_FAILED, path, "cannot be read");
    *kind = further ? HG_FILE_HDF5 : kind_of(&start);
    return HG_OK;
}

bool hg_file_kind_is_not_data(enum hg_file_kind kind)
{
    return kind == HG_FILE_EMPTY || kind == HG_FILE_FOLDER || kind == HG_FILE_RUN ||
           kinds[kind].advice != NULL;
}

const char *hg_file_kind_name(enum hg_file_kind kind)
{
    return kinds[kind].name;
}

hg_status hg_file_kind_fail(const char *path, enum hg_file_kind kind, enum hg_file_kind wanted)
{
    const char *is = kinds[kind].name,
               *quote = strpbrk(path, " \t\n\"$&;()<>|*?[]#~`\\!{}") != NULL ? "'" : "";
    if (kind == HG_FILE_EMPTY) return hg_fail(HG_FAILED, path, "is empty");
    if (wanted == HG_FILE_DATA && kinds[kind].advice != NULL)
        return hg_fail(HG_FAILED, path, "is %s: %s", is, kinds[kind].advice);
    if (wanted != HG_FILE_GRAPH || (!kinds[kind].imported && kinds[kind].advice == NULL))
        return hg_fail(HG_FAILED, path, "is %s, not %s", is,
                       wanted == HG_FILE_DATA ? "a data set to import" : kinds[wanted].name);
    if (!kinds[kind].imported) return hg_fail(HG_FAILED, path, "is %s: %s", is, kinds[kind].advice);
    return hg_fail(HG_FAILED, path, "is %s: halogat import %s%s%s -o graph.h5 makes a graph file of %s", is,
                   quote, path, quote, kind == HG_FILE_TEXT ? "an edge list" : "it");
}

static hg_status on_tensor(const char *name, const struct hg_h5_shape *shape, void *context)
{
    (void)name;
    (void)shape;
    *(enum hg_file_kind *)context = HG_FILE_PARAMS;
    return HG_OK;
}

hg_status hg_file_kind_params(const struct hg_h5 *file, enum hg_file_kind *kind)
{
    return hg_h5_list(file, "/params", on_tensor, kind);
}

static hg_status kind_without_format(const struct hg_h5 *file, enum hg_file_kind *kind)
{
    *kind = hg_h5_exists(file, "/edge_index") ? HG_FILE_DATA : HG_FILE_HDF5;
    return *kind == HG_FILE_DATA ? HG_OK : hg_file_kind_params(file, kind);
}

hg_status hg_file_kind_hdf5(const struct hg_h5 *file, enum hg_file_kind *kind)
{
    char *format = NULL;
    HG_TRY(hg_h5_get_text(file, "format", &format));
    hg_status status = HG_OK;
    if (format == NULL)
        status = kind_without_format(file, kind);
    else if (strcmp(format, "halogat-graph") == 0)
        *kind = HG_FILE_GRAPH;
    else
        *kind = strcmp(format, "halogat-checkpoint") == 0 ? HG_FILE_CHECKPOINT : HG_FILE_HDF5;
    hg_mem_free(format);
    return status;
}

hg_status hg_file_kind_open(const char *path, enum hg_file_kind wanted, struct hg_h5 *file)
{
    enum hg_file_kind kind;
    *file = (struct hg_h5){.id = -1, .path = path};
    HG_TRY(hg_file_kind(path, &kind));
    if (kind != HG_FILE_HDF5)
        return hg_file_kind_fail(path, kind, wanted == HG_FILE_HDF5 ? HG_FILE_GRAPH : wanted);
    HG_TRY(hg_h5_open(path, file));
    if (wanted == HG_FILE_HDF5) return HG_OK;
    hg_status status = hg_file_kind_hdf5(file, &kind);
    if (status == HG_OK && kind != wanted) status = hg_file_kind_fail(path, kind, wanted);
    if (status != HG_OK) hg_h5_close(file);
    return status;
}
