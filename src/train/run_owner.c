#include "train/run_owner.h"

#include "io/atomic.h"
#include "io/process.h"
#include "train/run_tree.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

const char hg_run_owner_name[] = "owner";

enum { TEXT = 1024, HOST = 256, WAITS = 200, WAIT_MS = 10 };

/* The contents of the file. */
struct owner {
    char id[HG_RUN_ID_BYTES], host[HOST];
    struct hg_process process;
};

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

/* Writes one line: {"run": "...", "host": "...", "pid": 1, "started": 2, "machine": "...", "boot": "..."} */
static int write_text(const char *id, char text[TEXT])
{
    struct hg_process self;
    char host[HOST] = "";
    gethostname(host, sizeof host - 1);
    for (char *c = host; *c != '\0'; c++)
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ') *c = '?';
    hg_process_self(&self);
    return snprintf(
        text, TEXT,
        "{\"run\": \"%s\", \"host\": \"%s\", \"pid\": %ld, \"started\": %llu, \"machine\": \"%08x\", "
        "\"boot\": \"%08x\"}\n",
        id, host, self.pid, self.start, self.host, self.boot);
}

/* Parses the contents; false when they are anything but such a line. */
static bool parse(const char *text, struct owner *owner)
{
    struct hg_process *process = &owner->process;
    int end = 0;
    const int fields =
        sscanf(text,
               "{\"run\": \"%32[0-9a-f]\", \"host\": \"%255[^\"]\", \"pid\": %ld, "
               "\"started\": %llu, \"machine\": \"%8x\", \"boot\": \"%8x\"}%n",
               owner->id, owner->host, &process->pid, &process->start, &process->host, &process->boot, &end);
    return fields == 6 && end > 0 && strcmp(text + end, "\n") == 0;
}

/* Reads the file `owner`. *exists: it exists; *known: it names a process, in *owner. Fails when it was not written by
 * a training; an empty file is not a failure. */
static hg_status read_owner(const char *path, struct owner *owner, bool *exists, bool *known)
{
    struct stat about;
    char text[TEXT];
    *owner = (struct owner){0};
    *exists = *known = false;
    const int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return errno == ENOENT ? HG_OK : hg_fail_system(path);
    *exists = true;
    const bool regular = fstat(descriptor, &about) == 0 && S_ISREG(about.st_mode);
    const ssize_t bytes = regular ? read(descriptor, text, sizeof text - 1) : -1;
    close(descriptor);
    if (bytes < 0) return hg_fail(HG_FAILED, path, "not a regular file");
    text[bytes] = '\0';
    *known = bytes == (ssize_t)strlen(text) && parse(text, owner);
    if (*known || bytes == 0) return HG_OK;
    return hg_fail(HG_FAILED, path, "is not of a training, which would write its own: rename or move it");
}

/* Fails unless the folder may be taken over from the process that the file names. */
static hg_status check_owner(const char *folder, const struct owner *owner, bool known, bool overwrite)
{
    const enum hg_process_state state = known ? hg_process_state(&owner->process) : HG_PROCESS_ELSEWHERE;
    if (state == HG_PROCESS_DEAD || (state == HG_PROCESS_ELSEWHERE && overwrite)) return HG_OK;
    if (state == HG_PROCESS_ALIVE)
        return hg_fail(HG_FAILED, folder, "a training is under way in it (pid %ld on %s)", owner->process.pid,
                       owner->host);
    if (!known)
        return hg_fail(HG_FAILED, folder,
                       "its file %s is empty: --overwrite if no training is under way in it",
                       hg_run_owner_name);
    return hg_fail(HG_FAILED, folder,
                   "a training may be under way in it (pid %ld on %s): --overwrite if it has ended",
                   owner->process.pid, owner->host);
}

hg_status hg_run_owner_check_free(const char *folder, bool overwrite)
{
    struct owner owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    return exists ? check_owner(folder, &owner, known, overwrite) : HG_OK;
}

hg_status hg_run_owner_check_above(const char *folder, bool overwrite)
{
    struct owner owner;
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
    const bool written = write(descriptor, text, (size_t)length) == length && fsync(descriptor) == 0;
    const hg_status status = written ? HG_OK : hg_fail_system(path);
    close(descriptor);
    return status;
}

/* Creates the file with O_EXCL: of two trainings that do this at the same time, one fails. */
static hg_status create(const char *folder, const char *path, const char *text, int length)
{
    const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST)
        return hg_fail(HG_FAILED, folder, "another training started in it at this moment");
    if (descriptor < 0) return hg_fail_system(path);
    const hg_status status = write_all(descriptor, path, text, length);
    if (status != HG_OK) (void)unlink(path);
    return status;
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
    struct owner owner;
    bool exists, known;
    char path[HG_PATH_BYTES], text[TEXT];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    const int length = write_text(id, text);
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

hg_status hg_run_owner_check(const char *folder, const char *id)
{
    struct owner owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    if (known && strcmp(owner.id, id) == 0) return HG_OK;
    return hg_fail(HG_FAILED, folder, "is not this training's any more (%s%s): it is not marked complete",
                   exists ? "run " : "its file owner is gone", owner.id);
}

/* Removes the file if a training wrote it: that with run `id`, or any when id is NULL. */
static hg_status remove_owner(const char *folder, const char *id)
{
    struct owner owner;
    bool exists, known;
    char path[HG_PATH_BYTES];
    HG_TRY(hg_run_tree_path(folder, hg_run_owner_name, path));
    HG_TRY(read_owner(path, &owner, &exists, &known));
    if (!known || (id != NULL && strcmp(owner.id, id) != 0)) return HG_OK;
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
