#include "cli/config_table.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH = 4096 };

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* Whether folder/name exists; path: folder/name. */
static bool has(const char *folder, const char *name, char path[PATH])
{
    struct stat about;
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/') length--;
    return snprintf(path, PATH, "%.*s/%s", (int)length, folder, name) < PATH && stat(path, &about) == 0;
}

hg_status hg_config_resolve_folder(struct hg_config *config, const char **file, const char *name)
{
    char path[PATH];
    if (*file == NULL || !is_folder(*file)) return HG_OK;
    if (has(*file, name, path)) {
        *file = hg_config_keep(config, path);
        return *file != NULL ? HG_OK : HG_NOMEM;
    }
    if (has(*file, "run-0", path))
        return hg_fail(HG_FAILED, *file, "is the folder of a series: name one of its runs, as %s", path);
    return hg_fail(HG_FAILED, *file, "is a folder without %s", name);
}

hg_status hg_config_resolve(enum hg_verb verb, struct hg_config *config)
{
    static const char best[] = "best.h5";
    HG_TRY(hg_config_resolve_folder(config, &config->checkpoint, best));
    HG_TRY(hg_config_resolve_folder(config, &config->train.init, best));
    config->train.data.graph = config->input;
    return verb == HG_VERB_INFO ? hg_config_resolve_folder(config, &config->input, best) : HG_OK;
}
