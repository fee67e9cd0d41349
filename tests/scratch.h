/** A folder for the files of a test, the same on every rank. */
#ifndef HG_TESTS_SCRATCH_H
#define HG_TESTS_SCRATCH_H

#include "testing.h"

#include <dirent.h>
#include <unistd.h>

enum { SCRATCH_BYTES = 512 };

/** Makes the folder. Collective. */
static inline void scratch_make(char folder[SCRATCH_BYTES])
{
    if (hg_test_comm.rank == 0) {
        const char *base = getenv("TMPDIR");
        snprintf(folder, SCRATCH_BYTES, "%.200s/halogat-test-XXXXXX", base != NULL ? base : "/tmp");
        assert_non_null(mkdtemp(folder));
    }
    hg_comm_bcast(&hg_test_comm, folder, SCRATCH_BYTES, 0);
}

/** Number of files in the folder. Local. */
static inline int scratch_files(const char *folder)
{
    int files = 0;
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) files += entry->d_name[0] != '.';
    closedir(list);
    return files;
}

/** Number of temporary files in the folder. Local. */
static inline int scratch_partial(const char *folder)
{
    int files = 0;
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;)
        files += strstr(entry->d_name, "partial") != NULL;
    closedir(list);
    return files;
}

/** Removes the files and the folder. Local. */
static inline void scratch_remove_here(const char *folder)
{
    DIR *list = opendir(folder);
    assert_non_null(list);
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char path[4 * SCRATCH_BYTES];
        snprintf(path, sizeof path, "%.1500s/%s", folder, entry->d_name);
        if (entry->d_name[0] != '.') assert_int_equal(unlink(path), 0);
    }
    closedir(list);
    assert_int_equal(rmdir(folder), 0);
}

/** scratch_remove_here on rank 0, while the other ranks wait. Collective. */
static inline void scratch_remove(const char *folder)
{
    hg_comm_barrier(&hg_test_comm);
    if (hg_test_comm.rank == 0) scratch_remove_here(folder);
    hg_comm_barrier(&hg_test_comm);
}

/** Writes bytes as a file on rank 0. Collective. */
static inline void scratch_write(const char *path, const void *bytes, size_t count)
{
    if (hg_test_comm.rank == 0) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, count, file), count);
        assert_int_equal(fclose(file), 0);
    }
    hg_comm_barrier(&hg_test_comm);
}

/** The bytes of a file, newly allocated; the caller frees them with hg_mem_free. Local. */
static inline char *scratch_read(const char *path, size_t *count)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *count = (size_t)ftell(file);
    char *bytes = hg_mem_alloc((int64_t)*count, 1);
    assert_non_null(bytes);
    rewind(file);
    assert_int_equal(fread(bytes, 1, *count, file), *count);
    fclose(file);
    return bytes;
}

#endif
