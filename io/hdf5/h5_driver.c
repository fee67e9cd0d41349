#include "io/hdf5/h5_driver.h"

#include "base/alive.h"
#include "base/mem.h"
#include "base/types.h"
#include "io/bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An open file. HDF5 sees it as an H5FD_t, so that is its first member. */
struct driven {
    H5FD_t known;
    hid_t
        driver; /* held until the file is closed: HDF5 releases its own reference before it calls close_file */
    int descriptor;
    bool discarding;        /* writes do nothing: hg_h5_driver_discard was called, or one has failed */
    int error;              /* errno of the first failure */
    int *report;            /* where it goes when the file is closed; NULL: nowhere */
    haddr_t end, allocated; /* size of the file; size that HDF5 has allocated */
    dev_t device;
    ino_t inode;
};

/* The driver's data in an access list; HDF5 copies it with the list. */
struct access {
    hg_status *status; /* becomes HG_NOMEM when opening a file finds no memory */
};

static H5FD_t *open_file(const char *name, unsigned flags, hid_t list, haddr_t most)
{
    struct stat about;
    const int how = ((flags & H5F_ACC_RDWR) != 0 ? O_RDWR : O_RDONLY) |
                    ((flags & H5F_ACC_TRUNC) != 0 ? O_TRUNC : 0) |
                    ((flags & H5F_ACC_CREAT) != 0 ? O_CREAT : 0) | ((flags & H5F_ACC_EXCL) != 0 ? O_EXCL : 0);
    struct driven *file = hg_mem_alloc(1, sizeof *file);
    (void)most;
    if (file == NULL) {
        const struct access *access = H5Pget_driver_info(list);
        *access->status = HG_NOMEM;
        return NULL;
    }
    memset(file, 0, sizeof *file);
    file->descriptor = open(name, how | O_CLOEXEC, 0666);
    if (file->descriptor < 0 || fstat(file->descriptor, &about) != 0) {
        if (file->descriptor >= 0) close(file->descriptor);
        hg_mem_free(file);
        return NULL;
    }
    file->end = (haddr_t)about.st_size;
    file->device = about.st_dev;
    file->inode = about.st_ino;
    file->driver = H5Pget_driver(list);
    H5Iinc_ref(file->driver);
    return &file->known;
}

/* Notes a failure to write. HDF5 is told that all went well. */
static void note_failure(struct driven *file)
{
    if (file->error == 0) file->error = errno;
    file->discarding = true;
}

static herr_t close_file(H5FD_t *known)
{
    struct driven *file = (struct driven *)known;
    if (close(file->descriptor) != 0) note_failure(file);
    if (file->report != NULL) *file->report = file->error;
    H5Idec_ref(file->driver);
    hg_mem_free(file);
    return 0;
}

/* Orders files by device and inode; 0: the same file. */
static int compare(const H5FD_t *one, const H5FD_t *other)
{
    const struct driven *a = (const struct driven *)one, *b = (const struct driven *)other;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return a->inode < b->inode ? -1 : a->inode > b->inode;
}

/* The features of HDF5's own POSIX driver, so that files have the same bytes. */
static herr_t query(const H5FD_t *known, unsigned long *features)
{
    (void)known;
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t get_allocated(const H5FD_t *known, H5FD_mem_t type)
{
    (void)type;
    return ((const struct driven *)known)->allocated;
}

static herr_t set_allocated(H5FD_t *known, H5FD_mem_t type, haddr_t end)
{
    (void)type;
    ((struct driven *)known)->allocated = end;
    return 0;
}

static haddr_t get_end(const H5FD_t *known, H5FD_mem_t type)
{
    (void)type;
    return ((const struct driven *)known)->end;
}

static herr_t get_handle(H5FD_t *known, hid_t list, void **handle)
{
    (void)list;
    *handle = known;
    return 0;
}

/* Bytes beyond the end of the file are read as zeros. */
static herr_t read_bytes(H5FD_t *known, H5FD_mem_t type, hid_t list, haddr_t at, size_t size, void *buffer)
{
    const struct driven *file = (const struct driven *)known;
    (void)type;
    (void)list;
    for (char *to = buffer; size > 0;) {
        const ssize_t got = pread(file->descriptor, to, size, (off_t)at);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) {
            memset(to, 0, size);
            return 0;
        }
        to += got;
        at += (haddr_t)got;
        size -= (size_t)got;
        hg_alive_tick();
    }
    return 0;
}

static herr_t write_bytes(H5FD_t *known, H5FD_mem_t type, hid_t list, haddr_t at, size_t size,
                          const void *buffer)
{
    struct driven *file = (struct driven *)known;
    (void)type;
    (void)list;
    if (file->discarding) return 0;
    if (!hg_bytes_write(file->descriptor, buffer, size, (int64_t)at)) note_failure(file);
    if (at + size > file->end) file->end = at + size;
    hg_alive_tick();
    return 0;
}

/* Sets the size of the file to the size that HDF5 has allocated. */
static herr_t truncate_file(H5FD_t *known, hid_t list, hbool_t closing)
{
    struct driven *file = (struct driven *)known;
    (void)list;
    (void)closing;
    if (file->end == file->allocated) return 0;
    if (!file->discarding && ftruncate(file->descriptor, (off_t)file->allocated) != 0) note_failure(file);
    file->end = file->allocated;
    return 0;
}

static const H5FD_class_t driver = {
#ifdef H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)H5_VFD_RESERVED, /* the first value that is free for testing */
#endif
    .name = "halogat",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(struct access),
    .open = open_file,
    .close = close_file,
    .cmp = compare,
    .query = query,
    .get_eoa = get_allocated,
    .set_eoa = set_allocated,
    .get_eof = get_end,
    .get_handle = get_handle,
    .read = read_bytes,
    .write = write_bytes,
    .truncate = truncate_file,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

void hg_h5_driver_set(hid_t list, hg_status *status)
{
    const hid_t id = H5FDregister(&driver);
    const struct access access = {.status = status};
    *status = HG_OK;
    H5Pset_driver(list, id, &access);
    H5FDunregister(id); /* the list keeps it */
}

static struct driven *driven(hid_t file)
{
    void *handle = NULL;
    H5Fget_vfd_handle(file, H5P_DEFAULT, &handle);
    return handle;
}

int hg_h5_driver_descriptor(hid_t file)
{
    return driven(file)->descriptor;
}

void hg_h5_driver_report(hid_t file, int *error)
{
    driven(file)->report = error;
}

void hg_h5_driver_discard(hid_t file)
{
    driven(file)->discarding = true;
}
