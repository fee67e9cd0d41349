/** Copies an HDF5 file with every data set chunked, shuffled and compressed. */
#ifndef HG_TESTS_MATRIX_CHUNKS_H
#define HG_TESTS_MATRIX_CHUNKS_H

#include "testing.h"

#include <hdf5.h>

/* Chunks have few rows, so that the rows of a rank begin and end within chunks. */
enum { CHUNK_ROWS = 11, CHUNK_COLUMNS = 3, CHUNK_RANK = 4 };

static inline herr_t chunks_attribute(hid_t from, const char *name, const H5A_info_t *info, void *to)
{
    (void)info;
    const hid_t old = H5Aopen(from, name, H5P_DEFAULT), type = H5Aget_type(old), space = H5Aget_space(old);
    const hid_t new = H5Acreate2(*(hid_t *)to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    char value[1024]; /* numbers, or the address of a text */
    assert_true(H5Aget_storage_size(old) <= sizeof value);
    assert_true(H5Aread(old, type, value) >= 0 && H5Awrite(new, type, value) >= 0);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, value);
    H5Aclose(new), H5Aclose(old), H5Sclose(space), H5Tclose(type);
    return 0;
}

/* The storage of the copy: chunked and compressed, unless the data set is empty. */
static inline hid_t chunks_storage(hid_t space)
{
    hsize_t shape[CHUNK_RANK], chunk[CHUNK_RANK];
    const hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    const int rank = H5Sget_simple_extent_dims(space, shape, NULL);
    assert_true(rank >= 0 && rank <= CHUNK_RANK);
    if (rank == 0 || H5Sget_simple_extent_npoints(space) == 0) return list;
    for (int d = 0; d < rank; d++) {
        const hsize_t most = d == 0 ? CHUNK_ROWS : CHUNK_COLUMNS;
        chunk[d] = shape[d] < most ? shape[d] : most;
    }
    assert_true(H5Pset_chunk(list, rank, chunk) >= 0);
    assert_true(H5Pset_shuffle(list) >= 0 && H5Pset_deflate(list, 4) >= 0);
    return list;
}

static inline void chunks_dataset(hid_t old, hid_t group, const char *name)
{
    const hid_t type = H5Dget_type(old), space = H5Dget_space(old), storage = chunks_storage(space);
    const hid_t new = H5Dcreate2(group, name, type, space, H5P_DEFAULT, storage, H5P_DEFAULT);
    const size_t bytes = (size_t)H5Sget_simple_extent_npoints(space) * H5Tget_size(type);
    char *data = hg_mem_alloc((int64_t)bytes, 1);
    assert_true(data != NULL && new >= 0);
    assert_true(H5Dread(old, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    assert_true(H5Dwrite(new, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0);
    hg_mem_free(data);
    H5Dclose(new), H5Pclose(storage), H5Sclose(space), H5Tclose(type);
}

static inline herr_t chunks_link(hid_t from, const char *name, const H5L_info_t *info, void *to)
{
    (void)info;
    const hid_t group = *(hid_t *)to, old = H5Oopen(from, name, H5P_DEFAULT);
    if (H5Iget_type(old) == H5I_GROUP) {
        hid_t new = H5Gcreate2(group, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(H5Literate(old, H5_INDEX_NAME, H5_ITER_INC, NULL, chunks_link, &new) >= 0);
        H5Gclose(new);
    } else {
        chunks_dataset(old, group, name);
    }
    H5Oclose(old);
    return 0;
}

/** Copies file `from` to `to`. Local. */
static inline void chunks_copy(const char *from, const char *to)
{
    const hid_t old = H5Fopen(from, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t new = H5Fcreate(to, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(old >= 0 && new >= 0);
    assert_true(H5Aiterate2(old, H5_INDEX_NAME, H5_ITER_INC, NULL, chunks_attribute, &new) >= 0);
    assert_true(H5Literate(old, H5_INDEX_NAME, H5_ITER_INC, NULL, chunks_link, &new) >= 0);
    H5Fclose(new);
    H5Fclose(old);
}

#endif
