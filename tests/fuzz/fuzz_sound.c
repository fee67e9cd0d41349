/* Makes the valid files that other inputs are mutations of. */
#include "fuzz.h"

#include <hdf5.h>
#include <string.h>
#include <zip.h>

enum { NODES = 12, EDGES = 30, FEATURES = 3 };

static void write_text(const struct fuzz *fuzz, const char *name, const char *text)
{
    char path[FUZZ_PATH];
    fuzz_path(path, fuzz->sound, name);
    fuzz_write(path, text, strlen(text));
}

static void write_texts(const struct fuzz *fuzz)
{
    char edges[EDGES * 32] = "", *at = edges;
    for (int e = 0; e < EDGES; e++)
        at += sprintf(at, "%d\t%d\t%d.5\n", e * 7 % NODES, (e * 5 + e / NODES + 1) % NODES, e);
    write_text(fuzz, "edges.tsv", edges);
    write_text(fuzz, "labels.txt", "0\n1\n2\n0\n1\n2\n0\n1\n2\n-1\n1\n2\n");
    write_text(fuzz, "targets.txt", "0.5\n1\n2\n0\nnan\n2\n0\n1\n2\n-1\n1\n2e3\n");
    write_text(fuzz, "names.txt", "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n");
    write_text(fuzz, "classes.txt", "red\ngreen\nblue\n");
    write_text(
        fuzz, "x.mtx",
        "%%MatrixMarket matrix coordinate real general\n12 3 5\n1 1 1\n2 2 0.5\n3 3 -1\n7 1 2\n12 2 1\n");
}

/* An array of the data sets pyg.h5 and pyg.npz. */
struct array {
    const char *name, *descr, *shape;
    hid_t type;
    int dims;
    hsize_t size[2];
    const void *data;
    size_t bytes;
};

static void write_hdf5(const char *path, const struct array *arrays, int count)
{
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    for (int k = 0; k < count; k++) {
        const hid_t space = H5Screate_simple(arrays[k].dims, arrays[k].size, NULL);
        const hid_t set =
            H5Dcreate2(file, arrays[k].name, arrays[k].type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Dwrite(set, arrays[k].type, H5S_ALL, H5S_ALL, H5P_DEFAULT, arrays[k].data);
        H5Dclose(set);
        H5Sclose(space);
    }
    if (H5Fclose(file) < 0) fuzz_stop(path, "cannot be written");
}

static void write_npz(const char *path, const struct array *arrays, int count)
{
    enum { MOST = 8, BYTES = 4096 };
    static char bytes[MOST][BYTES];
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    for (int k = 0; k < count && archive != NULL; k++) {
        char name[64], *at = bytes[k];
        memcpy(at, "\x93NUMPY\x01\x00", 8);
        const int length = sprintf(at + 10, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }\n",
                                   arrays[k].descr, arrays[k].shape);
        at[8] = (char)length, at[9] = 0;
        memcpy(at + 10 + length, arrays[k].data, arrays[k].bytes);
        snprintf(name, sizeof name, "%s.npy", arrays[k].name);
        zip_source_t *source = zip_source_buffer(archive, at, 10 + (size_t)length + arrays[k].bytes, 0);
        const zip_int64_t index = zip_file_add(archive, name, source, ZIP_FL_OVERWRITE);
        /* stored without compression, so that changed bytes of an array do not break the decompression */
        zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0);
    }
    if (archive == NULL || zip_close(archive) != 0) fuzz_stop(path, "cannot be written");
}

static void write_arrays(const struct fuzz *fuzz)
{
    static int64_t edges[2][EDGES], y[NODES];
    static float x[NODES][FEATURES], weight[EDGES];
    static uint8_t mask[NODES];
    char path[FUZZ_PATH];
    for (int e = 0; e < EDGES; e++)
        edges[0][e] = e % NODES, edges[1][e] = (e * 5 + 1) % NODES, weight[e] = (float)e / 4;
    for (int i = 0; i < NODES; i++) y[i] = i % 3, x[i][i % FEATURES] = 1, mask[i] = i % 2 == 0;
    const struct array arrays[] = {
        {"edge_index", "<i8", "(2, 30)", H5T_NATIVE_INT64, 2, {2, EDGES}, edges, sizeof edges},
        {"x", "<f4", "(12, 3)", H5T_NATIVE_FLOAT, 2, {NODES, FEATURES}, x, sizeof x},
        {"y", "<i8", "(12,)", H5T_NATIVE_INT64, 1, {NODES}, y, sizeof y},
        {"train_mask", "|u1", "(12,)", H5T_NATIVE_UINT8, 1, {NODES}, mask, sizeof mask},
        {"edge_weight", "<f4", "(30,)", H5T_NATIVE_FLOAT, 1, {EDGES}, weight, sizeof weight},
    };
    fuzz_path(path, fuzz->sound, "pyg.h5");
    write_hdf5(path, arrays, 5);
    fuzz_path(path, fuzz->sound, "pyg.npz");
    write_npz(path, arrays, 5);
}

void fuzz_sound(struct fuzz *fuzz)
{
    static const char *const commands[] = {
        "import %/edges.tsv --features %/x.mtx --labels %/labels.txt --names %/names.txt --class-names "
        "%/classes.txt --split-random 0.5,0.3 "
        "--undirected -o %/graph.h5 --quiet",
        "import %/edges.tsv --features %/x.mtx --targets %/targets.txt --split-random 0.5,0.3 -o "
        "%/regression.h5 --quiet",
        "import %/pyg.npz --split-random 0.5,0.3 -o %/dense.h5 --quiet",
        "partition %/graph.h5 --cells 3 -o %/cells.h5 --quiet",
        "train %/cells.h5 --out %/run --heads 2,1 --hidden 4 --epochs 2 --normalize-features standard "
        "--threads 1 --quiet",
        NULL,
    };
    write_texts(fuzz);
    write_arrays(fuzz);
    for (int k = 0; commands[k] != NULL; k++)
        if (fuzz_command(fuzz, "%s", commands[k]) != HG_OK) fuzz_stop(commands[k], "fails on sound files");
}
