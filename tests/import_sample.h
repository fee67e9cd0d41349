/** A small data set, and functions that write it in each format that can be imported. */
#ifndef HG_TESTS_IMPORT_SAMPLE_H
#define HG_TESTS_IMPORT_SAMPLE_H

#include "scratch.h"

#include "io/hdf5/h5.h"
#include "io/import/import.h"
#include <zip.h>
#include <zlib.h>

enum { NODES = 6, EDGES = 9, FEATURES = 3 };

static const int64_t sample_edges[2][EDGES] = {{0, 1, 2, 2, 5, 3, 4, 0, 1}, {1, 0, 1, 1, 5, 4, 3, 5, 2}};
static const double sample_attr[EDGES][2] = {{0, 1}, {2, 3}, {4, 5}, {6, 7},   {8, 9},
                                             {1, 0}, {3, 2}, {5, 4}, {7.5, -6}};
static const double sample_x[NODES][FEATURES] = {{1, 0, 0.5}, {0, 0, 0},  {0, -2, 0},
                                                 {3, 4, 5},   {0, 0, 64}, {0.25, 0, 0}};
static const int64_t sample_y[NODES] = {0, 2, -1, 1, 0, 2};
static const uint8_t sample_mask[HG_SPLITS][NODES] = {
    {1, 0, 0, 1, 0, 0}, {0, 1, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 1}};
static const char *const sample_mask_name[HG_SPLITS] = {"train_mask", "val_mask", "test_mask"};

/** Import options with only a source set. */
static inline struct hg_import_options sample_options(const char *source)
{
    return (struct hg_import_options){.source = source, .split_train = -1};
}

/** Writes a text file, gzip-compressed when the name ends in .gz. Collective. */
static inline void sample_text(const char *path, const char *text)
{
    const size_t length = strlen(path);
    if (strcmp(path + length - 3, ".gz") != 0) {
        scratch_write(path, text, strlen(text));
        return;
    }
    if (hg_test_comm.rank == 0) {
        gzFile file = gzopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(gzwrite(file, text, (unsigned)strlen(text)), strlen(text));
        assert_int_equal(gzclose(file), Z_OK);
    }
    hg_comm_barrier(&hg_test_comm);
}

/** One array of an .npy file or .npz archive. */
struct sample_array {
    const char *name, *descr, *shape; /**< as in the .npy header: "<f4", "(6, 3)" */
    bool fortran;
    const void *data;
    size_t bytes;
};

/** Writes the bytes of an .npy file to out; returns their number. */
static inline size_t sample_npy(const struct sample_array *array, char *out)
{
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    const int length = sprintf(out + 10, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n",
                               array->descr, array->fortran ? "True" : "False", array->shape);
    out[8] = (char)(length & 255);
    out[9] = (char)(length >> 8);
    memcpy(out + 10 + length, array->data, array->bytes);
    return 10 + (size_t)length + array->bytes;
}

enum { SAMPLE_NPY = 4096, SAMPLE_ARRAYS = 16 };

/** Writes an .npz archive of at most SAMPLE_ARRAYS arrays, ended by one without a name. Collective. */
static inline void sample_npz(const char *path, const struct sample_array *arrays, bool deflate)
{
    static char bytes[SAMPLE_ARRAYS][SAMPLE_NPY];
    if (hg_test_comm.rank == 0) {
        int code = 0;
        zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
        assert_non_null(zip);
        for (int k = 0; arrays[k].name != NULL; k++) {
            char member[64];
            snprintf(member, sizeof member, "%s.npy", arrays[k].name);
            zip_source_t *source = zip_source_buffer(zip, bytes[k], sample_npy(&arrays[k], bytes[k]), 0);
            const zip_int64_t index = zip_file_add(zip, member, source, ZIP_FL_OVERWRITE);
            assert_true(index >= 0);
            zip_set_file_compression(zip, (zip_uint64_t)index, deflate ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0);
        }
        assert_int_equal(zip_close(zip), 0);
    }
    hg_comm_barrier(&hg_test_comm);
}

/** A data set of an HDF5 file. */
struct sample_set {
    const char *name;
    enum hg_h5_type type;
    int dims;
    int64_t size[2];
    const void *data;
};

/** Writes an HDF5 file of data sets, ended by one without a name. Collective. */
static inline void sample_hdf5(const char *path, const struct sample_set *sets)
{
    if (hg_test_comm.rank == 0) {
        struct hg_h5 file;
        assert_ok(hg_h5_create(path, path, &file));
        for (int k = 0; sets[k].name != NULL; k++) {
            assert_ok(hg_h5_define(&file, sets[k].name, sets[k].type, 0, sets[k].dims, sets[k].size));
            assert_ok(hg_h5_write_rows(&file, sets[k].name, sets[k].type,
                                       (struct hg_range){0, sets[k].size[0]}, sets[k].data));
        }
        hg_h5_close(&file);
    }
    hg_comm_barrier(&hg_test_comm);
}

#endif
