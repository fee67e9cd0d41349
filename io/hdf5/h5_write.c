#include "io/hdf5/h5_private.h"

#include "base/alive.h"
#include "base/limits.h"
#include "base/unfinished.h"
#include "dist/facts.h"
#include "io/hdf5/h5_driver.h"
#include "io/seal.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Largest size of one transfer: MPI-IO counts bytes in 32 bits, and people watch how much is written. */
enum { PIECE_BYTES = 1 << 24 };

/* The status of opening or creating a file. `driver`: the driver's status (hg_h5_driver_set); `why`: message of a
 * failure. */
static hg_status opened(const struct hg_h5 *file, hg_status driver, const char *why)
{
    if (file->id >= 0) return HG_OK;
    return hg_fail(driver == HG_OK ? HG_FAILED : driver, file->path, "%s", why);
}

static hg_status create(const char *path, const char *shown, hsize_t before, struct hg_h5 *file)
{
    const hid_t list = hg_h5_access(), how = H5Pcreate(H5P_FILE_CREATE);
    hg_status driver;
    hg_h5_driver_set(list, &driver);
    H5Pset_userblock(how, before);
    *file = (struct hg_h5){.id = H5Fcreate(path, H5F_ACC_TRUNC, how, list), .path = shown};
    H5Pclose(how);
    H5Pclose(list);
    return opened(file, driver, "cannot create the file (disk full?)");
}

hg_status hg_h5_create(const char *path, const char *shown, struct hg_h5 *file)
{
    return create(path, shown, 0, file);
}

hg_status hg_h5_create_sealed(const char *path, const char *shown, struct hg_h5 *file)
{
    return create(path, shown, HG_SEAL_BYTES, file);
}

hg_status hg_h5_open_writable(const char *path, const char *shown, struct hg_h5 *file)
{
    const hid_t list = hg_h5_access();
    hg_status driver;
    hg_h5_driver_set(list, &driver);
    *file = (struct hg_h5){.id = H5Fopen(path, H5F_ACC_RDWR, list), .path = shown};
    H5Pclose(list);
    return opened(file, driver, "cannot open the file for writing");
}

/* Checks that this rank sees the file that rank 0 made, of `bytes` bytes, and may write it: MPI would wait for ever
 * for a rank that cannot open the file. */
static hg_status check_shared(const char *path, const char *shown, int64_t bytes)
{
    struct stat about;
    if (stat(path, &about) == 0 && about.st_size == bytes && access(path, W_OK) == 0) return HG_OK;
    return hg_fail(
        HG_FAILED, shown,
        "rank 0 writes it, but cannot be followed there: all ranks need the path on a file system that their "
        "hosts share");
}

/* Fails unless every rank sees the file that rank 0 made. Collective. */
static hg_status agree_shared(const struct hg_comm *comm, const char *path, const char *shown)
{
    struct stat about;
    int64_t bytes = comm->rank == 0 && stat(path, &about) == 0 ? about.st_size : -1;
    hg_comm_bcast(comm, &bytes, sizeof bytes, 0);
    return hg_agree_alike(comm, check_shared(path, shown, bytes));
}

hg_status hg_h5_open_shared(const struct hg_comm *comm, const char *path, const char *shown,
                            struct hg_h5 *file)
{
    /* a single rank needs no MPI-IO, which would keep files of its own beside this one */
    if (comm->size == 1) return hg_h5_open_writable(path, shown, file);
    *file = (struct hg_h5){.id = -1, .path = shown, .shared = true};
    HG_TRY(agree_shared(comm, path, shown));
    const hid_t list = hg_h5_access();
    char tried[HG_UNFINISHED_BYTES];
    H5Pset_fapl_mpio(list, comm->mpi, MPI_INFO_NULL);
    /* Open MPI tests file locks on a temporary file of this name; it is removed if the process is stopped */
    snprintf(tried, sizeof tried, "%s.locktest.%d", path, comm->rank);
    const int place = hg_unfinished_add(tried);
    file->id = H5Fopen(path, H5F_ACC_RDWR, list);
    hg_unfinished_drop(place);
    H5Pclose(list);
    const hg_status mine =
        file->id >= 0 ? HG_OK : hg_fail(HG_FAILED, shown, "cannot open the file on every rank");
    const hg_status status = hg_agree(comm, mine);
    if (status != HG_OK) hg_h5_close(file);
    return status;
}

/* Allocates the disk space that the file will need, without changing its size. Not a failure on file systems that
 * cannot do that. */
static hg_status claim_room(const struct hg_h5 *file)
{
    hsize_t bytes = 0;
    struct rlimit limit;
    if (H5Fget_filesize(file->id, &bytes) < 0)
        return hg_fail(HG_FAILED, file->path, "cannot finish writing the file");
    getrlimit(RLIMIT_FSIZE, &limit);
    int code = 0;
    if (bytes > limit.rlim_cur)
        code = EFBIG;
    else if (fallocate(hg_h5_driver_descriptor(file->id), FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) != 0)
        code = errno;
    if (code == 0 || code == EOPNOTSUPP || code == ENOSYS) return HG_OK;
    return hg_fail(HG_FAILED, file->path, "%s (%llu bytes are needed)", strerror(code),
                   (unsigned long long)bytes);
}

hg_status hg_h5_finish(struct hg_h5 *file, hg_status written)
{
    const hid_t id = file->id;
    int error = 0;
    if (!file->shared && written == HG_OK) written = claim_room(file);
    if (!file->shared && written != HG_OK) hg_h5_driver_discard(id);
    if (!file->shared) hg_h5_driver_report(id, &error);
    file->id = -1;
    const bool closed = H5Fclose(id) >= 0;
    if (written != HG_OK || (closed && error == 0)) return written;
    return hg_fail(HG_FAILED, file->path, "%s",
                   error != 0 ? strerror(error) : "cannot finish writing the file");
}

static hid_t bool_type(void)
{
    const hid_t type = H5Tenum_create(H5T_STD_I8LE);
    const signed char values[2] = {0, 1};
    H5Tenum_insert(type, "FALSE", &values[0]);
    H5Tenum_insert(type, "TRUE", &values[1]);
    return type;
}

static hid_t text_type(int64_t bytes)
{
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, (size_t)bytes);
    H5Tset_cset(type, H5T_CSET_UTF8);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    return type;
}

/* The type on disk; the caller closes it. */
static hid_t disk_type(enum hg_h5_type type, int64_t text_bytes)
{
    switch (type) {
    case HG_H5_INT64:
        return H5Tcopy(H5T_STD_I64LE);
    case HG_H5_INT32:
        return H5Tcopy(H5T_STD_I32LE);
    case HG_H5_UINT8:
        return H5Tcopy(H5T_STD_U8LE);
    case HG_H5_TRUTH:
        return bool_type();
    case HG_H5_REAL:
        return H5Tcopy(sizeof(hg_real) == sizeof(double) ? H5T_IEEE_F64LE : H5T_IEEE_F32LE);
    case HG_H5_DOUBLE:
        return H5Tcopy(H5T_IEEE_F64LE);
    default:
        return text_type(text_bytes);
    }
}

/* The type in memory of data for a data set whose type on disk is `disk`; the caller closes it. */
static hid_t memory_type(enum hg_h5_type type, hid_t disk)
{
    const bool as_on_disk = type == HG_H5_TRUTH || type == HG_H5_TEXT; /* these are the same in memory */
    return H5Tcopy(as_on_disk ? disk : hg_h5_native(type));
}

/* Creates a data set, and the groups that it lies in. Its storage is allocated at once, so that all ranks can write
 * rows later, and is not filled with zeros. */
static hid_t create_set(hid_t file, const char *name, hid_t type, hid_t space)
{
    const hid_t links = H5Pcreate(H5P_LINK_CREATE), layout = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_layout(layout, H5D_CONTIGUOUS);
    H5Pset_alloc_time(layout, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(layout, H5D_FILL_TIME_NEVER);
    H5Pset_obj_track_times(layout, 0); /* without times, files of the same graph have the same bytes */
    const hid_t set = H5Dcreate2(file, name, type, space, links, layout, H5P_DEFAULT);
    H5Pclose(layout);
    H5Pclose(links);
    return set;
}

hg_status hg_h5_define(const struct hg_h5 *file, const char *name, enum hg_h5_type type, int64_t text_bytes,
                       int dims, const int64_t *size)
{
    hsize_t extent[HG_H5_DIMS] = {0};
    for (int d = 0; d < dims; d++) extent[d] = (hsize_t)size[d];
    const hid_t disk = disk_type(type, text_bytes), space = H5Screate_simple(dims, extent, NULL);
    const hid_t set = create_set(file->id, name, disk, space);
    if (set >= 0) H5Dclose(set);
    H5Sclose(space);
    H5Tclose(disk);
    return set >= 0 ? HG_OK : hg_fail(HG_FAILED, file->path, "cannot create data set %s", name);
}

/* Opens the data set and sets the type in memory. */
static hg_status open_for_writing(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                                  struct hg_h5_transfer *t)
{
    HG_TRY(hg_h5_transfer_open(file, name, t));
    const hid_t disk = t->type;
    t->type = memory_type(type, disk);
    H5Tclose(disk);
    return HG_OK;
}

/* Writes a block in one transfer; `t` can be used again. */
static hg_status write_piece(const struct hg_h5 *file, const char *name, const struct hg_h5_block *block,
                             struct hg_h5_transfer *t, const void *data)
{
    HG_TRY(hg_h5_transfer_select(file, name, block, t));
    hg_alive_tick();
    const herr_t done = H5Dwrite(t->set, t->type, t->memory, t->space, H5P_DEFAULT, data);
    H5Sclose(t->memory);
    t->memory = -1;
    return done >= 0 ? HG_OK : hg_fail(HG_FAILED, file->path, "cannot write data set %s (disk full?)", name);
}

/* Bytes in the file of an element of the data set. */
static int64_t stored_bytes(const struct hg_h5_transfer *t)
{
    const hid_t type = H5Dget_type(t->set);
    const int64_t bytes = (int64_t)H5Tget_size(type);
    H5Tclose(type);
    return bytes;
}

/* Writes a block in pieces of whole rows (of its first dimension), each of at most PIECE_BYTES bytes or one row. */
static hg_status write_pieces(const struct hg_h5 *file, const char *name, struct hg_h5_block block,
                              struct hg_h5_transfer *t, const char *data)
{
    int64_t elements = 1; /* of a row */
    for (int d = 1; d < block.dims; d++) elements *= block.count[d];
    const int64_t row_bytes = elements * (int64_t)H5Tget_size(t->type), stored = elements * stored_bytes(t);
    const int64_t end = block.start[0] + block.count[0];
    const int64_t piece = hg_min_i64(PIECE_BYTES, hg_message_bytes);
    const int64_t most = hg_max_i64(1, piece / hg_max_i64(1, row_bytes));
    for (; block.start[0] < end && row_bytes > 0; block.start[0] += most) {
        block.count[0] = hg_min_i64(most, end - block.start[0]);
        HG_TRY(write_piece(file, name, &block, t, data));
        hg_alive_add(block.count[0] * stored);
        data += block.count[0] * row_bytes;
    }
    return HG_OK;
}

hg_status hg_h5_write(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                      const struct hg_h5_block *block, const void *data)
{
    struct hg_h5_transfer t;
    hg_status status = open_for_writing(file, name, type, &t);
    if (status == HG_OK) status = write_pieces(file, name, *block, &t, data);
    hg_h5_transfer_close(&t);
    return status;
}

hg_status hg_h5_write_rows(const struct hg_h5 *file, const char *name, enum hg_h5_type type,
                           struct hg_range rows, const void *data)
{
    struct hg_h5_block block;
    HG_TRY(hg_h5_block_of_rows(file, name, rows, &block));
    return hg_h5_write(file, name, type, &block, data);
}
