/* Inputs for import: HDF5 files in PyTorch Geometric's form, .npz archives and .npy files. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

static void use(struct fuzz *fuzz, const char *name)
{
    static const char *const tasks[] = {
        "", "", " --task single-label", " --task multi-label", " --task regression", NULL};
    static const char *const more[] = {
        "",  "", " --undirected", " --split-random 0.4,0.3", " --keep-double", " --class-names %/classes.txt",
        NULL};
    const char *task = fuzz_text(&fuzz->rng, tasks);
    const hg_status imported =
        fuzz_command(fuzz, "import @/%s -o @/graph.h5%s%s --quiet", name, task, fuzz_text(&fuzz->rng, more));
    if (fuzz_imported(fuzz, imported) != HG_OK) return;
    fuzz_command(fuzz, "train @/graph.h5 --out @/run --heads 2,1 --hidden 4 --epochs 1 --threads 1 --quiet");
}

static void hdf5_objects(struct fuzz *fuzz)
{
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, "pyg.h5", "pyg.h5", path);
    fuzz_objects(&fuzz->rng, path);
    use(fuzz, "pyg.h5");
}

static void npz_bytes(struct fuzz *fuzz)
{
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, "pyg.npz", "pyg.npz", path);
    fuzz_bytes(&fuzz->rng, path);
    use(fuzz, "pyg.npz");
}

/* Writes a random .npy file, whose header and contents need not match, to out [most]. Returns the number of bytes. */
static size_t random_npy(struct fuzz_rng *rng, char *out, size_t most)
{
    static const char *const types[] = {
        "<f4",  ">f4", "<f8", ">f8", "<f2", "<i8", ">i8", "<i4", "|i1", "|u1",     "|b1",           "<u8",
        "<f16", "<c8", "|O",  "<U3", "|S4", "|V8", "<i9", "f",   "",    "<M8[ns]", "[('a','<f4')]", NULL};
    static const char *const shapes[] = {"(12, 3)",
                                         "(12,)",
                                         "(12, 1)",
                                         "(2, 30)",
                                         "(30, 2)",
                                         "(30,)",
                                         "()",
                                         "(0, 3)",
                                         "(12, 0)",
                                         "(3, 12)",
                                         "(13, 3)",
                                         "(12, 3, 1)",
                                         "(1, 12, 3)",
                                         "(-1, 3)",
                                         "(12, 3",
                                         "12",
                                         "(4294967296, 4294967296)",
                                         "(9223372036854775807,)",
                                         "(99999999999999999999,)",
                                         "(12L, 3L)",
                                         "[12, 3]",
                                         "(12, 3,)",
                                         "(6, 6)",
                                         NULL};
    static const char *const orders[] = {"False", "False", "False", "True", "None", "0", NULL};
    const int version = fuzz_once_in(rng, 5) ? (int)fuzz_below(rng, 5) : 1, start = version >= 2 ? 12 : 10;
    memcpy(out, "\x93NUMPY", 6);
    out[6] = (char)version, out[7] = 0;
    size_t length = (size_t)sprintf(out + start, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }%*s\n",
                                    fuzz_text(rng, types), fuzz_text(rng, orders), fuzz_text(rng, shapes),
                                    (int)fuzz_below(rng, 60), "");
    if (fuzz_once_in(rng, 12)) length = (size_t)fuzz_integer(rng, (int64_t)length);
    const uint32_t said = (uint32_t)length;
    memcpy(out + 8, &said, (size_t)start - 8);
    size_t count = (size_t)start + strlen(out + start);
    const size_t bytes = (size_t)fuzz_below(rng, 4) * 144;
    for (size_t k = 0; k < bytes && count < most; k++)
        out[count++] = (char)(fuzz_once_in(rng, 3) ? fuzz_bits(rng) : 0);
    return count;
}

static void npy_features(struct fuzz *fuzz)
{
    char bytes[4096], path[FUZZ_PATH];
    fuzz_path(path, fuzz->folder, "x.npy");
    fuzz_write(path, bytes, random_npy(&fuzz->rng, bytes, sizeof bytes));
    if (fuzz_once_in(&fuzz->rng, 4)) fuzz_bytes(&fuzz->rng, path);
    static const char *const as[] = {"--features", "--features", "--names", "--labels", "--train-mask", NULL};
    fuzz_imported(fuzz, fuzz_command(fuzz, "import %%/edges.tsv %s @/x.npy -o @/graph.h5 --quiet",
                                     fuzz_text(&fuzz->rng, as)));
}

/* Replaces arrays of a valid archive, or adds some. */
static void npz_arrays(struct fuzz *fuzz)
{
    static const char *const names[] = {"x.npy",         "y.npy",           "edge_index.npy",
                                        "edge_attr.npy", "edge_weight.npy", "train_mask.npy",
                                        "val_mask.npy",  "train_idx.npy",   "x_indptr.npy",
                                        "x_indices.npy", "x_data.npy",      "x_shape.npy",
                                        "num_nodes.npy", "more.npy",        "y",
                                        "../y.npy",      "\x1b[1m.npy",     NULL};
    enum { MOST = 3, BYTES = 4096 };
    static char bytes[MOST][BYTES];
    char path[FUZZ_PATH];
    fuzz_copy(fuzz, "pyg.npz", "pyg.npz", path);
    zip_t *archive = zip_open(path, 0, NULL);
    if (archive == NULL) fuzz_stop(path, "cannot be opened");
    for (int64_t k = fuzz_below(&fuzz->rng, MOST); k >= 0; k--) {
        zip_source_t *source =
            zip_source_buffer(archive, bytes[k], random_npy(&fuzz->rng, bytes[k], BYTES), 0);
        const char *name = fuzz_text(&fuzz->rng, names);
        const zip_int64_t old = zip_name_locate(archive, name, 0);
        if (old >= 0 && fuzz_once_in(&fuzz->rng, 8)) zip_delete(archive, (zip_uint64_t)old);
        if (zip_file_add(archive, name, source, ZIP_FL_OVERWRITE) < 0) zip_source_free(source);
    }
    if (zip_close(archive) != 0) fuzz_stop(path, "cannot be written");
    use(fuzz, "pyg.npz");
}

const struct fuzz_kind fuzz_arrays[] = {
    {"import-hdf5", "PyG-style HDF5 with other objects", hdf5_objects},
    {"npz-bytes", ".npz archives with other bytes", npz_bytes},
    {"npz-arrays", ".npz archives with other arrays", npz_arrays},
    {"npy", ".npy files that need not fit what they say", npy_features},
    {0},
};
