#include "train/run_owner.h"

#include "io/atomic.h"
#include "io/bytes.h"
#include "io/process.h"
#include "train/run_tree.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

const char hg_run_owner_name[] = "owner";

enum { WAITS = 200, WAIT_MS = 10, STALE_SECONDS = 180 };
enum { READ_FLAGS = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };

void hg_run_owner_id(char id[HG_RUN_ID_BYTES])
{
    struct {
        struct timespec now;
        struct hg_process self;
    } otherwise = {0};
    uint64_t bits[2];
    if (getrandom(bits, sizeof bits, 0) != (ssize_t)sizeof bits) {
        clock_gettime(CLOCK_REALTIME, &otherwise.now);
        hg_process_self(&otherwise.self);
        bits[0] = (uint64_t)otherwise.now.tv_sec << 30 ^ (uint64_t)otherwise.now.tv_nsec;
        bits[1] = (uint64_t)otherwise.self.host << 32 ^ (uint64_t)otherwise.self.pid;
    }
    snprintf(id, HG_RUN_ID_BYTES, "%016llx%016llx", (unsigned long long)bits[0], (unsigned long long)bits[1]);
}

static double seconds(const struct timespec *time)
{
    return (double)time->tv_sec + 1e-9 * (double)time->tv_nsec;
}

/* Seconds since a file was touched. Hosts' clocks may differ, so a new file beside it tells the time; 0 where none can
 * be made. */
static double age_of(const char *path, const struct stat *about)
{
    struct hg_atomic file;
    struct stat now;
    double age = 0;
    const bool failed = hg_status_message()[0] != '\0'; /* the failure that is reported stays */
    if (hg_atomic_begin(path, HG_LINKS_REPLACED, &file) != HG_OK) {
        if (!failed) hg_status_clear();
        return 0;
    }
    if (stat(file.temporary, &now) == 0) age = seconds(&now.st_mtim) - seconds(&about->st_mtim);
    hg_atomic_abort(&file);
    return age;
}

/* Reads the file `owner`. *exists: it exists; *known: it names a process, in *owner. Fails when it was not written by
 * a training; an empty file is not a failure. */
static hg_status read_owner(const char *path, struct hg_run_token *owner, bool *exists, bool *known)
{
    struct stat about;
    char text[HG_TOKEN_BYTES];
    *owner = (struct hg_run_token){0};
    *exists = *known = false;
    const int descriptor = open(path, READ_FLAGS);
    if (descriptor < 0) return errno == ENOENT ? HG_OK : hg_fail_system(path);
    *exists = true;
    const bool regular = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    const ssize_t bytes = regular ? read(descriptor, text, sizeof text - 1) : -1;
    close(descriptor);
    if (bytes < 0) return hg_fail(HG_FAILED, path, "not a regular file");
    text[bytes] = '\0';
    *known = bytes == (ssize_t)strlen(text) && hg_run_token_parse(text, owner);
    if (bytes == 0 || (*known && owner->beats)) owner->age = age_of(path, &about);
    if (*known || bytes == 0) return HG_OK;
    return hg_fail(HG_FAILED, path, "is not of a training, which would write its own: rename or move it");
}

/* Whether the owner has certainly ended: it is an earlier start of this batch job, or its process is dead, or it is on
 * another machine and has not touched the file for long (a time in the future was not set by one that still runs). */
static bool has_ended(const struct hg_run_token *owner)
{
    const struct hg_run_token mine = hg_run_token_self("");
    if (mine.job[0] != '\0' && strcmp(mine.job, owner->job) == 0 && mine.restart > owner->restart)
        return true;
    const enum hg_process_state state = hg_process_state(&owner->process);
    return state == HG_PROCESS_DEAD ||
           (state == HG_PROCESS_ELSEWHERE && owner->beats && fabs(owner->age) > STALE_SECONDS);
}

/* Fails unless the folder may be taken over from the process that the file names. */
static hg_status check_owner(const char *folder, const struct hg_run_token *owner, bool known, bool overwrite)
{
    if (known ? has_ended(owner) : fabs(owner->age) > STALE_SECONDS) return HG_OK;
    const bool elsewhere = !known || hg_process_state(&owner->process) == HG_PROCESS_ELSEWHERE;
    if (elsewhere && overwrite && !owner->beats) return HG_OK;
    if (!known)
        return hg_fail(HG_FAILED, folder,
                       "its file %s is empty: a training starts in it, or did not get far (then wait %d s)",
                       hg_run_owner_name, STALE_SECONDS);
    if (!elsewhere)
        return hg_fail(HG_FAILED, folder, "a training is under way in it (pid %ld on %s)", owner->process.pid,
                       owner->host);
    if (owner->beats)
        return hg_fail(
            HG_FAILED, folder,
            "a training is under way in it (pid %ld on %s, seen %.0f s ago; it counts as ended after %d s)",
            owner->process.pid, owner->host, owner->age, STALE_SECONDS);
    return hg_fail(HG_FAILED, folder,
                   "a training may be under way in it (pid %ld on %s): --overwrite if it has ended",
                   owner->process.pid, owner->host);
}

hg_status hg_run_owner_check_free(const char *folder, bool overwrite)
{
    struct hg_run_token owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    return exists ? check_owner(folder, &owner, known, overwrite) : HG_OK;
}

hg_status hg_run_owner_check_above(const char *folder, bool overwrite)
{
    struct hg_run_token owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    if (read_owner(path, &owner, &exists, &known) != HG_OK) { /* not written by a training */
        hg_status_clear();
        return HG_OK;
    }
    return known ? check_owner(folder, &owner, known, overwrite) : HG_OK;
}

/* Locks the folder, so that of two trainings that start at the same time one waits for the other. On file systems
 * that cannot lock folders it continues without a lock. *descriptor holds the lock until it is closed. Fails when
 * another program keeps the lock for WAITS * WAIT_MS milliseconds. */
static hg_status lock(const char *folder, int *descriptor)
{
    const struct timespec pause = {0, WAIT_MS * 1000000L};
    *descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*descriptor < 0) return hg_fail_system(folder);
    for (int k = 0; k < WAITS; k++) {
        if (flock(*descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return HG_OK;
        nanosleep(&pause, NULL);
    }
    close(*descriptor);
    return hg_fail(HG_FAILED, folder, "another program keeps it locked");
}

static hg_status write_all(int descriptor, const char *path, const char *text, int length)
{
    const bool written = hg_bytes_write(descriptor, text, (size_t)length, 0) && fsync(descriptor) == 0;
    const hg_status status = written ? HG_OK : hg_fail_system(path);
    close(descriptor);
    return status;
}

/* For file systems without hard links. A training that is killed here leaves an empty file. */
static hg_status create_in_place(const char *path, const char *text, int length)
{
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) return hg_fail_system(path);
    const hg_status status = write_all(descriptor, path, text, length);
    if (status != HG_OK) (void)unlink(path);
    return status;
}

/* Creates the file with its contents, by a hard link: of two trainings that do this at the same time, one fails. */
static hg_status create(const char *folder, const char *path, const char *text, int length)
{
    struct hg_atomic file;
    HG_TRY(hg_atomic_begin(path, HG_LINKS_REPLACED, &file));
    const int descriptor = open(file.temporary, O_WRONLY | O_CLOEXEC);
    hg_status status = descriptor >= 0 ? write_all(descriptor, path, text, length) : hg_fail_system(path);
    const bool linked = status == HG_OK && link(file.temporary, path) == 0;
    const int error = errno;
    hg_atomic_abort(&file);
    if (status != HG_OK || linked) return status;
    if (error == EEXIST) return hg_fail(HG_FAILED, folder, "another training started in it at this moment");
    return create_in_place(path, text, length);
}

static hg_status take_over(const char *path, const char *text, int length)
{
    struct hg_atomic file;
    HG_TRY(hg_atomic_begin(path, HG_LINKS_REPLACED, &file));
    const int descriptor = open(file.temporary, O_WRONLY | O_CLOEXEC);
    const hg_status status =
        descriptor >= 0 ? write_all(descriptor, path, text, length) : hg_fail_system(path);
    if (status == HG_OK) return hg_atomic_commit(&file);
    hg_atomic_abort(&file);
    return status;
}

static hg_status take(const char *folder, const char *id, bool overwrite)
{
    struct hg_run_token owner;
    bool exists, known;
    char path[HG_PATH_BYTES], text[HG_TOKEN_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    const struct hg_run_token mine = hg_run_token_self(id);
    const int length = hg_run_token_write(&mine, text);
    if (!exists) return create(folder, path, text, length);
    HG_TRY(check_owner(folder, &owner, known, overwrite));
    return take_over(path, text, length);
}

hg_status hg_run_owner_take(const char *folder, const char *id, bool overwrite)
{
    int descriptor;
    HG_TRY(lock(folder, &descriptor));
    const hg_status status = take(folder, id, overwrite);
    close(descriptor);
    return status;
}

/* Whether this process took the folder for run `id`. A run that was resumed has the same id in several processes. */
static bool is_mine(const struct hg_run_token *owner, const char *id)
{
    struct hg_process mine;
    hg_process_self(&mine);
    /* not the host's name, which may change */
    return strcmp(owner->id, id) == 0 && owner->process.boot == mine.boot && owner->process.pid == mine.pid &&
           owner->process.start == mine.start;
}

hg_status hg_run_owner_check(const char *folder, const char *id)
{
    struct hg_run_token owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    if (known && is_mine(&owner, id)) return HG_OK;
    return hg_fail(HG_FAILED, folder, "is not this training's any more (%s%s): it is not marked complete",
                   exists ? "run " : "its file owner is gone", owner.id);
}

bool hg_run_owner_beat(const char *folder, const char *id)
{
    struct hg_run_token owner = {0};
    char path[HG_PATH_BYTES], text[HG_TOKEN_BYTES];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, hg_run_owner_name);
    const int descriptor = length < (int)sizeof path ? open(path, READ_FLAGS) : -1;
    if (descriptor < 0) return errno != ENOENT; /* otherwise the file system may be away for a moment */
    const ssize_t bytes = read(descriptor, text, sizeof text - 1);
    text[bytes > 0 ? bytes : 0] = '\0';
    const bool mine = bytes < 0 || (hg_run_token_parse(text, &owner) && is_mine(&owner, id));
    if (mine) (void)futimens(descriptor, NULL);
    close(descriptor);
    return mine;
}

/* Removes the file if a training wrote it: that of this process with run `id`, or any when id is NULL. */
static hg_status remove_owner(const char *folder, const char *id)
{
    struct hg_run_token owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    if (!known || (id != NULL && !is_mine(&owner, id))) return HG_OK;
    return unlink(path) == 0 || errno == ENOENT ? HG_OK : hg_fail_system(path);
}

void hg_run_owner_release(const char *folder, const char *id)
{
    const bool failed = hg_status_message()[0] != '\0';
    /* a failure here does not change the outcome of the training */
    if (remove_owner(folder, id) != HG_OK && !failed) hg_status_clear();
}

hg_status hg_run_owner_remove(const char *folder)
{
    return remove_owner(folder, NULL);
}
