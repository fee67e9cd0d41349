#include "io/atomic.h"

#include "base/unfinished.h"
#include "io/process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SUFFIX_BYTES = 72, ATTEMPTS = 1000 };

static const char mark[] = ".partial-";

/* How many bytes of `target` a temporary name begins with: the folder and the file's name, shortened if necessary so
 * that the name with its suffix does not exceed NAME_MAX. */
static int stem_bytes(const char *target)
{
    const char *name = hg_path_name(target);
    const size_t most = NAME_MAX - SUFFIX_BYTES, bytes = strlen(name);
    return (int)(name - target) + (int)(bytes < most ? bytes : most);
}

/* Sets file->target and, when it exists, checks that it may be replaced and notes its mode and owner. */
static hg_status find_target(const char *path, enum hg_links links, struct hg_atomic *file)
{
    if (strlen(path) + SUFFIX_BYTES > sizeof file->target)
        return hg_fail(HG_FAILED, path, "the path is too long");
    snprintf(file->target, sizeof file->target, "%s", path);
    if (links == HG_LINKS_FOLLOWED) HG_TRY(hg_path_resolve(path, file->target));
    if (strlen(file->target) + SUFFIX_BYTES > sizeof file->target)
        return hg_fail(HG_FAILED, path, "the path is too long");
    if (lstat(file->target, &file->before) != 0 || S_ISLNK(file->before.st_mode)) return HG_OK;
    if (S_ISDIR(file->before.st_mode)) return hg_fail(HG_FAILED, path, "is a folder, not a file");
    if (!S_ISREG(file->before.st_mode)) return hg_fail(HG_FAILED, path, "not a regular file");
    if (access(file->target, W_OK) != 0) return hg_fail_system(path);
    file->replaces = true;
    return HG_OK;
}

/* Creates the temporary file and returns its descriptor. One that will replace a file is readable by its owner only,
 * until it gets the mode of that file: the old file may have been private. */
static int create(struct hg_atomic *file)
{
    file->unfinished = hg_unfinished_add(file->temporary);
    const int descriptor = open(file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                                file->replaces ? 0600 : 0666);
    if (descriptor < 0) hg_unfinished_drop(file->unfinished);
    return descriptor;
}

hg_status hg_atomic_begin(const char *path, enum hg_links links, struct hg_atomic *file)
{
    struct hg_process self;
    *file = (struct hg_atomic){.unfinished = -1};
    HG_TRY(find_target(path, links, file));
    hg_process_self(&self);
    for (int k = 0; k < ATTEMPTS; k++) {
        snprintf(file->temporary, sizeof file->temporary, "%.*s%s%08x-%08x-%ld-%llu-%d",
                 stem_bytes(file->target), file->target, mark, self.host, self.boot, self.pid, self.start, k);
        const int descriptor = create(file);
        if (descriptor >= 0) {
            close(descriptor);
            return HG_OK;
        }
        if (errno != EEXIST) break;
    }
    file->temporary[0] = '\0';
    return hg_fail_system(path);
}

/* Gives the temporary file the mode and owner of the file that it replaces. If the group cannot be kept, the new
 * group gets only the rights that everybody has. */
static void copy_mode(const struct hg_atomic *file)
{
    mode_t mode = file->before.st_mode & 0777;
    if (!file->replaces) return;
    if (chown(file->temporary, file->before.st_uid, file->before.st_gid) != 0 &&
        chown(file->temporary, (uid_t)-1, file->before.st_gid) != 0)
        mode = (mode & 0707) | (mode & 07) << 3;
    /* fails on file systems without modes, where there is nothing to keep */
    (void)chmod(file->temporary, mode);
}

/* Waits until the file or folder is on the disk. EINVAL is not a failure: file systems that cannot sync a folder
 * return it. `shown` is the name in messages. */
static hg_status sync_path(const char *path, const char *shown, int flags)
{
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC | flags);
    if (descriptor < 0) return hg_fail_system(shown);
    const bool good = fsync(descriptor) == 0 || errno == EINVAL;
    const hg_status status = good ? HG_OK : hg_fail_system(shown);
    close(descriptor);
    return status;
}

hg_status hg_atomic_sync_folder(const char *folder)
{
    return sync_path(folder, folder, O_DIRECTORY);
}

hg_status hg_atomic_commit(struct hg_atomic *file)
{
    char folder[HG_PATH_BYTES];
    hg_status status = sync_path(file->temporary, file->target, 0);
    if (status == HG_OK) copy_mode(file);
    if (status == HG_OK && rename(file->temporary, file->target) != 0) status = hg_fail_system(file->target);
    if (status != HG_OK) {
        hg_atomic_abort(file);
        return status;
    }
    hg_unfinished_drop(file->unfinished);
    file->temporary[0] = '\0';
    hg_path_folder(file->target, folder);
    return hg_atomic_sync_folder(folder);
}

void hg_atomic_abort(struct hg_atomic *file)
{
    if (file->temporary[0] == '\0') return;
    unlink(file->temporary);
    hg_unfinished_drop(file->unfinished);
    file->temporary[0] = '\0';
}

/* Whether `made`, the end of a temporary name behind its mark, names a dead process. Longer names count, too: MPI-IO
 * keeps files of its own beside a temporary file, whose names begin with that file's name. */
static bool is_of_dead(const char *made)
{
    struct hg_process maker = {0};
    int k;
    return sscanf(made, "%8x-%8x-%ld-%llu-%d", &maker.host, &maker.boot, &maker.pid, &maker.start, &k) == 5 &&
           hg_process_state(&maker) == HG_PROCESS_DEAD;
}

/* Removes the temporary files of dead processes in a folder: those whose name begins with stem [bytes] and the mark,
 * or when `wanted` is not NULL, those of the targets that it accepts. Failures to list or to remove are ignored: files
 * left behind do no harm. */
static void remove_stale(const char *folder, const char *stem, size_t bytes, bool (*wanted)(const char *name))
{
    struct stat about;
    DIR *list = opendir(folder);
    if (list == NULL) return;
    for (const struct dirent *entry; (entry = readdir(list)) != NULL;) {
        char name[NAME_MAX + 1];
        snprintf(name, sizeof name, "%s", entry->d_name);
        char *end = strstr(name, mark);
        if (end == NULL) continue;
        *end = '\0';
        const bool ours =
            wanted != NULL ? wanted(name) : strlen(name) == bytes && memcmp(name, stem, bytes) == 0;
        if (ours && is_of_dead(end + sizeof mark - 1) &&
            fstatat(dirfd(list), entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(about.st_mode))
            (void)unlinkat(dirfd(list), entry->d_name, 0);
    }
    closedir(list);
}

void hg_atomic_remove_stale(const char *target)
{
    char folder[HG_PATH_BYTES];
    const char *name = hg_path_name(target);
    hg_path_folder(target, folder);
    remove_stale(folder, name, (size_t)(stem_bytes(target) - (name - target)), NULL);
}

void hg_atomic_remove_stale_in(const char *folder, bool (*wanted)(const char *name))
{
    remove_stale(folder, NULL, 0, wanted);
}

hg_status hg_atomic_check(const char *path, enum hg_links links)
{
    struct hg_atomic file;
    HG_TRY(hg_atomic_begin(path, links, &file));
    hg_atomic_abort(&file);
    hg_atomic_remove_stale(file.target);
    return HG_OK;
}

hg_status hg_atomic_begin_all(const struct hg_comm *comm, const char *path, enum hg_links links,
                              struct hg_atomic *file)
{
    *file = (struct hg_atomic){.unfinished = -1};
    HG_TRY(hg_agree(comm, comm->rank == 0 ? hg_atomic_begin(path, links, file) : HG_OK));
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
