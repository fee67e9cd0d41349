#include "io/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 };

const char *hg_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

void hg_path_folder(const char *path, char folder[HG_PATH_BYTES])
{
    const int length = (int)(hg_path_name(path) - path);
    snprintf(folder, HG_PATH_BYTES, "%.*s", length > 0 ? length : 1, length > 0 ? path : ".");
}

/* Follows one symbolic link: path becomes the path that the link holds, relative to the link's folder unless it is
 * absolute. Returns 0 or errno. */
static int follow(char path[HG_PATH_BYTES])
{
    char held[HG_PATH_BYTES], next[2 * HG_PATH_BYTES];
    const ssize_t bytes = readlink(path, held, sizeof held - 1);
    if (bytes < 0) return errno;
    held[bytes] = '\0';
    const int folder = held[0] == '/' ? 0 : (int)(hg_path_name(path) - path);
    const int length = snprintf(next, sizeof next, "%.*s%s", folder, path, held);
    if (length >= HG_PATH_BYTES) return ENAMETOOLONG;
    memcpy(path, next, (size_t)length + 1);
    return 0;
}

/* resolved: the path at the end of a chain of links. Returns 0 or errno. */
static int resolve(const char *path, char resolved[HG_PATH_BYTES])
{
    struct stat about;
    if (strlen(path) >= HG_PATH_BYTES) return ENAMETOOLONG;
    snprintf(resolved, HG_PATH_BYTES, "%s", path);
    for (int k = 0; k < MOST_LINKS; k++) {
        if (lstat(resolved, &about) != 0 || !S_ISLNK(about.st_mode)) return 0;
        const int code = follow(resolved);
        if (code != 0) return code;
    }
    return ELOOP;
}

hg_status hg_path_resolve(const char *path, char resolved[HG_PATH_BYTES])
{
    const int code = resolve(path, resolved);
    return code == 0 ? HG_OK : hg_fail(HG_FAILED, path, "%s", strerror(code));
}

bool hg_path_id_find_link(const char *path, struct hg_path_id *id)
{
    struct stat about;
    if (lstat(path, &about) != 0) return false;
    *id = (struct hg_path_id){about.st_dev, about.st_ino, ""};
    return true;
}

bool hg_path_id_find(const char *path, struct hg_path_id *id)
{
    struct stat about;
    char resolved[HG_PATH_BYTES], folder[HG_PATH_BYTES];
    if (stat(path, &about) == 0) {
        *id = (struct hg_path_id){about.st_dev, about.st_ino, ""};
        return true;
    }
    if (resolve(path, resolved) != 0) return false;
    hg_path_folder(resolved, folder);
    if (stat(folder, &about) != 0) return false;
    *id = (struct hg_path_id){about.st_dev, about.st_ino, ""};
    snprintf(id->name, sizeof id->name, "%s", hg_path_name(resolved));
    return true;
}

bool hg_path_id_same(const struct hg_path_id *a, const struct hg_path_id *b)
{
    return a->device == b->device && a->inode == b->inode && strcmp(a->name, b->name) == 0;
}

hg_status hg_path_check_folders(const char *path)
{
    char part[HG_PATH_BYTES];
    struct stat about;
    if (snprintf(part, sizeof part, "%s", path) >= (int)sizeof part)
        return hg_fail(HG_FAILED, path, "the path is too long");
    for (char *slash = strchr(part + (part[0] == '/'), '/');; slash = strchr(slash + 1, '/')) {
        if (slash != NULL) *slash = '\0';
        if (stat(part, &about) == 0 && !S_ISDIR(about.st_mode))
            return hg_fail(HG_FAILED, part, "is a file, not a folder");
        if (slash == NULL) return HG_OK;
        *slash = '/';
    }
}
