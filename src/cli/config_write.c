#include "cli/config_table.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static const void *field(const struct hg_option *option, const struct hg_config *config)
{
    return (const char *)config + option->offset;
}

static void write_bool(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    fputs(*(const bool *)field(option, config) ? "true" : "false", file);
}

static void write_int(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    const int64_t value = *(const int64_t *)field(option, config);
    if (value < 0 && option->num_choices > 0)
        fputs(option->choices[0], file);
    else
        fprintf(file, "%lld", (long long)value);
}

/* Writes the shortest text that reads back as the same number. */
static void write_number(double value, FILE *file)
{
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    fputs(text, file);
}

static void write_real(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    write_number(*(const double *)field(option, config), file);
}

static void write_shares(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    const double *share = field(option, config);
    if (share[0] < 0) return;
    fputc('[', file);
    write_number(share[0], file);
    fputs(", ", file);
    write_number(share[1], file);
    fputc(']', file);
}

/* Of the choice file:PARTS: file:PATH, in quotes, because a path may contain what means something in YAML. */
static void write_choice_path(const struct hg_option *option, const struct hg_config *config,
                              const char *choice, FILE *file)
{
    const char *path = NULL;
    memcpy(&path, (const char *)config + option->path_offset, sizeof path);
    fprintf(file, "\"%.*s:", (int)strcspn(choice, ":"), choice);
    for (; *path != '\0'; path++) fprintf(file, *path == '"' || *path == '\\' ? "\\%c" : "%c", *path);
    fputc('"', file);
}

static void write_choice(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    int choice = 0;
    memcpy(&choice, field(option, config), sizeof choice); /* the field is an enum of the size of an int */
    const char *text = option->choices[choice];
    if (strchr(text, ':') != NULL)
        write_choice_path(option, config, text, file);
    else
        fputs(text, file);
}

static void write_list(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    const struct hg_int_list *list = field(option, config);
    fputc('[', file);
    for (int k = 0; k < list->count; k++)
        fprintf(file, "%s%lld", k > 0 ? ", " : "", (long long)list->value[k]);
    fputc(']', file);
}

static void write_text(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    const char *text = NULL;
    memcpy(&text, field(option, config), sizeof text);
    if (text != NULL) fputs(text, file);
}

void hg_option_write(const struct hg_option *option, const struct hg_config *config, FILE *file)
{
    static void (*const write_type[HG_OPTION_TYPES])(const struct hg_option *, const struct hg_config *,
                                                     FILE *) = {
        [HG_OPTION_FLAG] = write_bool, [HG_OPTION_SWITCH] = write_bool,   [HG_OPTION_INT] = write_int,
        [HG_OPTION_REAL] = write_real, [HG_OPTION_CHOICE] = write_choice, [HG_OPTION_LIST] = write_list,
        [HG_OPTION_TEXT] = write_text, [HG_OPTION_SHARES] = write_shares};
    write_type[option->type](option, config, file);
}

static bool has_value(const struct hg_option *option, const struct hg_config *config)
{
    return option->type != HG_OPTION_SHARES || *(const double *)field(option, config) >= 0;
}

hg_status hg_config_write_yaml(const struct hg_train_options *options, char **text)
{
    const struct hg_config config = {.train = *options};
    struct hg_text_stream stream = {0};
    HG_TRY(hg_text_stream_begin(&stream));
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (o->reach < HG_IN_CHECKPOINTS || !hg_option_of(o, HG_VERB_TRAIN) || !has_value(o, &config))
            continue;
        for (const char *c = o->name; *c != '\0'; c++) fputc(*c == '-' ? '_' : *c, stream.file);
        fputs(": ", stream.file);
        hg_option_write(o, &config, stream.file);
        fputc('\n', stream.file);
    }
    return hg_text_stream_end(&stream, text);
}

static hg_status write_value(const struct hg_option *option, const struct hg_config *config, char **text)
{
    struct hg_text_stream stream = {0};
    HG_TRY(hg_text_stream_begin(&stream));
    hg_option_write(option, config, stream.file);
    return hg_text_stream_end(&stream, text);
}

static hg_status compare_value(const struct hg_option *option, const struct hg_config *there,
                               const struct hg_config *here, const char *what)
{
    char *before = NULL, *now = NULL;
    hg_status status = write_value(option, there, &before);
    if (status == HG_OK) status = write_value(option, here, &now);
    if (status == HG_OK && strcmp(before, now) != 0)
        status = hg_fail(HG_USAGE, what, "--%s is %s there, %s here", option->name,
                         before[0] != '\0' ? before : "not given", now[0] != '\0' ? now : "not given");
    hg_mem_free(before);
    hg_mem_free(now);
    return status;
}

hg_status hg_config_compare_yaml(const struct hg_train_options *options, const char *what, const char *text)
{
    const struct hg_config here = {.train = *options};
    struct hg_config there;
    hg_config_defaults(&there);
    hg_status status = hg_config_read_checkpoint(what, text, &there);
    for (const struct hg_option *o = hg_options; status == HG_OK && o < hg_options + hg_num_options; o++)
        if (o->reach == HG_IN_CHECKPOINTS && !o->changes && hg_option_of(o, HG_VERB_TRAIN))
            status = compare_value(o, &there, &here, what);
    hg_config_destroy(&there);
    return status;
}
