#include "cli/config.h"

#include "base/mem.h"
#include "cli/config_table.h"
#include "io/stream.h"
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

static_assert(offsetof(struct hg_data_options, split_val) ==
                  offsetof(struct hg_data_options, split_train) + sizeof(double),
              "shares are read into neighbouring fields");

/* A text owned by a configuration. */
struct owned_text {
    struct owned_text *next;
    char text[];
};

const char *hg_config_keep(struct hg_config *config, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    struct owned_text *text_entry = hg_mem_alloc(1, sizeof *text_entry + bytes);
    if (text_entry == NULL) return NULL;
    memcpy(text_entry->text, text, bytes);
    text_entry->next = config->storage;
    config->storage = text_entry;
    return text_entry->text;
}

void hg_config_destroy(struct hg_config *config)
{
    for (struct owned_text *text_entry = config->storage, *next; text_entry != NULL; text_entry = next) {
        next = text_entry->next;
        hg_mem_free(text_entry);
    }
    *config = (struct hg_config){0};
}

/* Reading cannot fail here, because the defaults in the table are valid (tests/test_config.c checks it). */
void hg_config_defaults(struct hg_config *config)
{
    *config = (struct hg_config){.train = hg_train_options_default()};
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (o->fallback != NULL) (void)hg_option_read(o, o->name, o->fallback, config);
    }
}

hg_status hg_config_set(struct hg_config *config, const struct hg_option *option, enum hg_config_level level,
                        const char *what, const char *text)
{
    struct hg_config ignored = {0};
    uint8_t *current = &config->level[option - hg_options];
    if (level >= *current) {
        *current = (uint8_t)level;
        return hg_option_read(option, what, text, config);
    }
    const hg_status status = hg_option_read(option, what, text, &ignored);
    hg_config_destroy(&ignored);
    return status;
}

hg_status hg_config_apply_recipe(struct hg_config *config)
{
    for (int k = 0; k < hg_num_recipe_values && config->recipe != NULL; k++) {
        const struct hg_recipe_value *v = &hg_recipe_values[k];
        if (strcmp(v->recipe, config->recipe) != 0) continue;
        const struct hg_option *option = hg_option_find(HG_VERB_TRAIN, v->option, strlen(v->option), NULL);
        HG_TRY(hg_config_set(config, option, HG_LEVEL_RECIPE, v->option, v->value));
    }
    return HG_OK;
}

/* Reads a whole file of at most 1 MiB as text. */
static hg_status read_stream(FILE *file, const char *path, char **text)
{
    enum { MOST = 1 << 20 };
    HG_TRY(HG_NEW(*text, MOST + 1));
    const size_t bytes = fread(*text, 1, MOST + 1, file);
    if (ferror(file)) return hg_fail(HG_USAGE, path, "cannot be read");
    if (bytes > MOST) return hg_fail(HG_USAGE, path, "is larger than 1 MiB: not a configuration");
    if (strlen(*text) != bytes) return hg_fail(HG_USAGE, path, "is not text");
    return HG_OK;
}

static hg_status read_file(enum hg_verb verb, const char *path, struct hg_config *config)
{
    char *text = NULL;
    if (hg_regular_file(path) != HG_OK) return HG_USAGE;
    FILE *file = fopen(path, "r");
    if (file == NULL) return hg_fail(HG_USAGE, path, "%s", strerror(errno));
    hg_status status = read_stream(file, path, &text);
    fclose(file);
    if (status == HG_OK) status = hg_config_read_yaml(verb, path, text, config);
    hg_mem_free(text);
    return status;
}

hg_status hg_config_parse(enum hg_verb verb, int argc, char **argv, struct hg_config *config, bool *help)
{
    hg_config_defaults(config);
    *help = false;
    HG_TRY(hg_config_read_args(verb, argc, argv, config, help));
    if (*help) return HG_OK;
    if (hg_config_resolve_folder(config, &config->config, "summary.json") == HG_FAILED) return HG_USAGE;
    if (config->config != NULL) HG_TRY(read_file(verb, config->config, config));
    HG_TRY(hg_config_apply_recipe(config));
    HG_TRY(hg_config_check(verb, config));
    return hg_config_resolve(verb, config);
}

hg_status hg_text_stream_begin(struct hg_text_stream *stream)
{
    enum { MOST = 1 << 16 };
    HG_TRY(HG_NEW(stream->text, MOST));
    stream->file = fmemopen(stream->text, MOST, "w");
    if (stream->file != NULL) return HG_OK;
    HG_FREE(stream->text);
    return hg_fail(HG_NOMEM, "out of memory", "no stream in memory");
}

hg_status hg_text_stream_end(struct hg_text_stream *stream, char **text)
{
    if (fclose(stream->file) != 0) {
        HG_FREE(stream->text);
        return hg_fail(HG_FAILED, "options", "longer than 64 KiB as text");
    }
    *text = stream->text;
    return HG_OK;
}
