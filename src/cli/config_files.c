/* Checks the files that options name: an output must be neither an input nor another output, and must be writable. */
#include "cli/config_table.h"
#include "io/atomic.h"
#include "train/run_tree.h"
#include <string.h>

/* A file that the command line names. */
struct named {
    const char *what; /* the option, or the verb's argument */
    const char *path;
    enum hg_option_file file;
    bool has_id; /* `path_id` is set */
    struct hg_path_id path_id;
};

struct files {
    struct named list[HG_MAX_OPTIONS + 1];
    char what[HG_MAX_OPTIONS + 1][64];
    int count;
};

static bool is_input(const struct named *named)
{
    return named->file == HG_FILE_READ || named->file == HG_FILE_READ_FIRST;
}

static void add(struct files *files, const char *what, const char *path, enum hg_option_file file)
{
    struct named *named = &files->list[files->count++];
    *named = (struct named){.what = what, .path = path, .file = file};
    named->has_id = hg_path_id_find(path, &named->path_id);
}

static void collect(enum hg_verb verb, const struct hg_config *config, struct files *files)
{
    files->count = 0;
    if (config->input != NULL && verb != HG_VERB_GENERATE)
        add(files, hg_verb_argument[verb], config->input, HG_FILE_READ);
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        const char *path = NULL;
        if (o->file == HG_FILE_NONE || !hg_option_of(o, verb)) continue;
        const size_t offset = o->path_offset != 0 ? o->path_offset : o->offset;
        memcpy(&path, (const char *)config + offset, sizeof path);
        if (path == NULL) continue;
        const bool letter = o->letter != 0 && o->file == HG_FILE_WRITTEN;
        char *what = files->what[files->count];
        if (letter)
            snprintf(what, sizeof files->what[0], "-%c", o->letter);
        else
            snprintf(what, sizeof files->what[0], "--%s", o->name);
        add(files, what, path, o->file);
    }
}

static hg_status refuse(const struct named *output, const struct named *other)
{
    return hg_fail(HG_USAGE, output->what, "%s is %s as well (%s): choose another name", output->path,
                   is_input(other) ? "read" : "written", other->what);
}

/* Checks an output against all inputs and the outputs before it, and that it can be written. */
static hg_status check_file(const struct files *files, const struct named *output)
{
    for (const struct named *other = files->list; other < files->list + files->count; other++) {
        if (other == output || (other > output && !is_input(other)) || !other->has_id || !output->has_id)
            continue;
        if (hg_path_id_same(&other->path_id, &output->path_id)) return refuse(output, other);
    }
    return hg_atomic_check(output->path, HG_LINKS_FOLLOWED);
}

/* Checks the folder of a run: no file of the run may replace an input that is read later, and the file `owner`, which
 * is written first, may not replace any input. */
static hg_status check_folder(const struct files *files, const struct named *output)
{
    HG_TRY(hg_path_check_folders(output->path));
    for (const struct named *input = files->list; input < files->list + files->count; input++) {
        bool replaces = false;
        if (!is_input(input) || !input->has_id) continue;
        const bool early = input->file == HG_FILE_READ_FIRST;
        HG_TRY(hg_run_tree_replaces(output->path, &input->path_id, early, &replaces));
        if (replaces)
            return hg_fail(HG_USAGE, output->what,
                           "%s would be replaced by the run's own file: choose another folder", input->path);
    }
    return HG_OK;
}

hg_status hg_config_check_files(enum hg_verb verb, const struct hg_config *config)
{
    struct files files;
    collect(verb, config, &files);
    for (const struct named *named = files.list; named < files.list + files.count; named++) {
        if (named->file == HG_FILE_WRITTEN) HG_TRY(check_file(&files, named));
        if (named->file == HG_FOLDER_WRITTEN) HG_TRY(check_folder(&files, named));
    }
    return HG_OK;
}
