#include "cli/config_table.h"

#include <math.h>
#include <string.h>

enum { COLUMN = 32, WIDTH = 100 };

/* Writes text from the present column on, and wraps it at WIDTH; further lines begin at COLUMN. */
static void write_wrapped(FILE *file, int column, const char *text)
{
    while (*text != '\0') {
        const int word = (int)strcspn(text, " ");
        if (column > COLUMN && column + 1 + word > WIDTH) {
            fprintf(file, "\n%*s", COLUMN, "");
            column = COLUMN;
        }
        column += fprintf(file, "%s%.*s", column > COLUMN ? " " : "", word, text);
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', file);
}

/* text: the unit, the choices "a|b|c", or nothing */
static void describe_value(const struct hg_option *o, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    if (o->unit != NULL) snprintf(text, size, " %s", o->unit);
    for (int k = 0; k < o->num_choices && o->unit == NULL && used < size; k++) {
        const int n = snprintf(text + used, size - used, "%s%s", k > 0 ? "|" : " ", o->choices[k]);
        used += n < 0 ? 0 : (size_t)n;
    }
}

static void describe_range(const struct hg_option *o, char *text, size_t size)
{
    const struct hg_option_range *range = &o->range;
    text[0] = '\0';
    if (o->type == HG_OPTION_REAL && isfinite(range->max)) {
        snprintf(text, size, ", in %c%g, %g%c", range->min_open ? '(' : '[', range->min, range->max,
                 range->max_open ? ')' : ']');
    } else if (o->type == HG_OPTION_REAL) {
        snprintf(text, size, ", %s %g", range->min_open ? "above" : "at least", range->min);
    }
}

static void describe_default(const struct hg_option *o, enum hg_verb verb, char *text, size_t size)
{
    const bool on = o->fallback != NULL && strcmp(o->fallback, "true") == 0;
    if ((o->required >> verb & 1u) != 0)
        snprintf(text, size, "required");
    else if (o->type == HG_OPTION_FLAG)
        snprintf(text, size, "default: off");
    else if (o->type == HG_OPTION_SWITCH)
        snprintf(text, size, "default: --%s%s", on ? "" : "no-", o->name);
    else
        snprintf(text, size, "default: %s", o->fallback != NULL ? o->fallback : "none");
}

static void write_option(FILE *file, enum hg_verb verb, const struct hg_option *o)
{
    char value[128], range[64], preset[64], line[512];
    describe_value(o, value, sizeof value);
    describe_range(o, range, sizeof range);
    describe_default(o, verb, preset, sizeof preset);
    int column = o->letter != 0 ? fprintf(file, "  -%c, --%s", o->letter, o->name)
                                : fprintf(file, "      --%s", o->name);
    if (o->type == HG_OPTION_SWITCH) column += fprintf(file, ", --no-%s", o->name);
    column += fprintf(file, "%s", value);
    if (column + 2 > COLUMN) column = fprintf(file, "\n") - 1;
    fprintf(file, "%*s", COLUMN - column, "");
    snprintf(line, sizeof line, "%s%s (%s%s%s)", o->help, range, preset, o->alias != NULL ? "; also --" : "",
             o->alias != NULL ? o->alias : "");
    write_wrapped(file, COLUMN, line);
}

hg_status hg_config_help(enum hg_verb verb, char **text)
{
    struct hg_text_stream stream = {0};
    HG_TRY(hg_text_stream_begin(&stream));
    FILE *file = stream.file;
    fprintf(file, "Usage: halogat %s %s [OPTION...]\n%s\n\n", hg_verb_name[verb], hg_verb_argument[verb],
            hg_verb_help[verb]);
    fprintf(file, "  %-*s", COLUMN - 2, hg_verb_argument[verb]);
    write_wrapped(file, COLUMN, hg_verb_argument_help[verb]);
    fputc('\n', file);
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (hg_option_of(o, verb)) write_option(file, verb, o);
    }
    fprintf(file, "  -h, %-*s%s\n", COLUMN - 6, "--help", "this text");
    fprintf(file, "\nExample:\n  %s\n", hg_verb_example[verb]);
    return hg_text_stream_end(&stream, text);
}
