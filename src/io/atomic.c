#include "io/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUFFIX_BYTES = 40, ATTEMPTS = 1000 };

static hg_status system_failure(const char *path)
{
    return hg_fail(HG_FAILED, path, "%s", strerror(errno));
}

hg_status hg_atomic_begin(const char *path, struct hg_atomic *file)
{
    struct stat about;
    *file = (struct hg_atomic){0};
    if (strlen(path) + SUFFIX_BYTES > sizeof file->target)
        return hg_fail(HG_FAILED, path, "the path is too long");
    if (stat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return hg_fail(HG_FAILED, path, "not a regular file");
    snprintf(file->target, sizeof file->target, "%s", path);
    for (int k = 0; k < ATTEMPTS; k++) {
        snprintf(file->temporary, sizeof file->temporary, "%.*s.partial-%ld-%d", HG_PATH_BYTES - SUFFIX_BYTES,
                 path, (long)getpid(), k);
        const int descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0) {
            close(descriptor);
            return HG_OK;
        }
        if (errno != EEXIST) break;
    }
    return system_failure(path);
}

/* Waits until the file or folder is on the disk. File systems that cannot sync a folder say EINVAL. */
static hg_status sync_path(const char *path, int flags)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (descriptor < 0) return system_failure(path);
    const bool good = fsync(descriptor) == 0 || errno == EINVAL;
    const hg_status status = good ? HG_OK : system_failure(path);
    close(descriptor);
    return status;
}

static hg_status sync_folder_of(const char *path)
{
    char folder[HG_PATH_BYTES];
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) return sync_path(".", O_DIRECTORY);
    slash[slash == folder] = '\0';
    return sync_path(folder, O_DIRECTORY);
}

hg_status hg_atomic_commit(struct hg_atomic *file)
{
    hg_status status = sync_path(file->temporary, 0);
    if (status == HG_OK && rename(file->temporary, file->target) != 0) status = system_failure(file->target);
    if (status != HG_OK) {
        hg_atomic_abort(file);
        return status;
    }
    file->temporary[0] = '\0';
    return sync_folder_of(file->target);
}

void hg_atomic_abort(struct hg_atomic *file)
{
    if (file->temporary[0] != '\0') unlink(file->temporary);
    file->temporary[0] = '\0';
}

hg_status hg_atomic_begin_all(const struct hg_comm *comm, const char *path, struct hg_atomic *file)
{
    *file = (struct hg_atomic){0};
    HG_TRY(hg_agree(comm, comm->rank == 0 ? hg_atomic_begin(path, file) : HG_OK));
    hg_comm_bcast(comm, file, sizeof *file, 0);
    return HG_OK;
}

hg_status hg_atomic_end_all(const struct hg_comm *comm, hg_status mine, struct hg_atomic *file)
{
    hg_status status = hg_agree(comm, mine);
    if (comm->rank == 0) {
        if (status == HG_OK)
            status = hg_atomic_commit(file);
        else
            hg_atomic_abort(file);
    }
    return hg_agree(comm, status);
}
