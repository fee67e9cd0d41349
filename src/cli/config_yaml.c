/* Reads YAML: one mapping of option names (with _ for -) to scalars or lists, as a stream of libyaml's events. */
#include "base/mem.h"
#include "cli/config_table.h"
#include <string.h>
#include <yaml.h>

enum {
    NAME = 128,
    VALUE = 4096,
    DEEPEST = 64 /* limit of nesting: libyaml's time grows with the square of the depth */
};

/* State of reading a YAML text. */
struct reader {
    yaml_parser_t parser;
    enum hg_verb verb;
    bool checkpoint;  /* options that checkpoints do not keep are ignored */
    bool summary;     /* a summary.json: only the mapping under `options` is read */
    const char *name; /* of the file */
    const char *text;
    struct hg_config *config;
    size_t seen[HG_MAX_OPTIONS]; /* line of each option's key; 0: not seen */
};

/* A scalar, or the entries of a list joined by commas. */
struct value {
    char text[VALUE];
    size_t length;
    bool is_list;
};

static void swap_bytes(char *text, char from, char to)
{
    for (; *text != '\0'; text++) {
        if (*text == from) *text = to;
    }
}

/* what: "run.yaml:3" or "run.yaml:3: lr", for messages */
static const char *where(const struct reader *r, size_t line, const char *key, char what[NAME + VALUE])
{
    snprintf(what, NAME + VALUE, "%s:%zu%s%s", r->name, line, key[0] != '\0' ? ": " : "", key);
    return what;
}

static hg_status fail_at(const struct reader *r, size_t line, const char *why)
{
    char what[NAME + VALUE];
    return hg_fail(HG_USAGE, where(r, line, "", what), "%s", why);
}

static size_t line_of(const yaml_event_t *event)
{
    return event->start_mark.line + 1;
}

static hg_status next_event(struct reader *r, yaml_event_t *event)
{
    if (yaml_parser_parse(&r->parser, event)) return HG_OK;
    if (r->parser.error == YAML_MEMORY_ERROR)
        return hg_fail(HG_NOMEM, "out of memory", "cannot read %s", r->name);
    const size_t at = r->parser.problem_mark.index;
    if (at < strlen(r->text) && r->text[at] == '\t')
        return fail_at(r, r->parser.problem_mark.line + 1, "a tab where YAML wants blanks");
    return fail_at(r, r->parser.problem_mark.line + 1,
                   r->parser.problem != NULL ? r->parser.problem : "not YAML");
}

static bool is_text(const yaml_event_t *event)
{
    return strlen((const char *)event->data.scalar.value) == event->data.scalar.length;
}

static hg_status append(struct reader *r, const yaml_event_t *event, struct value *value)
{
    const char *text = (const char *)event->data.scalar.value;
    const bool first = value->length == 0;
    const int n =
        snprintf(value->text + value->length, VALUE - value->length, "%s%s", first ? "" : ",", text);
    if (!is_text(event) || n < 0 || (size_t)n >= VALUE - value->length)
        return fail_at(r, line_of(event), "unreadable value");
    value->length += (size_t)n;
    return HG_OK;
}

/* Reads the entries of a list up to its end. */
static hg_status read_entries(struct reader *r, struct value *value)
{
    for (;;) {
        yaml_event_t event;
        HG_TRY(next_event(r, &event));
        const yaml_event_type_t type = event.type;
        hg_status status = HG_OK;
        if (type == YAML_SCALAR_EVENT)
            status = append(r, &event, value);
        else if (type != YAML_SEQUENCE_END_EVENT)
            status = fail_at(r, line_of(&event), "a list holds only plain values");
        yaml_event_delete(&event);
        if (status != HG_OK || type == YAML_SEQUENCE_END_EVENT) return status;
    }
}

static hg_status read_value(struct reader *r, const char *key, struct value *value)
{
    yaml_event_t event;
    char what[NAME + VALUE];
    HG_TRY(next_event(r, &event));
    const yaml_event_type_t type = event.type;
    const size_t line = line_of(&event);
    hg_status status = type == YAML_SCALAR_EVENT ? append(r, &event, value) : HG_OK;
    yaml_event_delete(&event);
    if (type == YAML_SCALAR_EVENT) return status;
    if (type != YAML_SEQUENCE_START_EVENT)
        return hg_fail(HG_USAGE, where(r, line, key, what), "must be a value or a list");
    value->is_list = true;
    return read_entries(r, value);
}

static hg_status fail_unknown(const struct reader *r, size_t line, const char *key, const char *name)
{
    char what[NAME + VALUE], suggestion[NAME];
    const char *nearest = hg_option_nearest(r->verb, HG_IN_FILES, name);
    where(r, line, key, what);
    if (nearest == NULL) return hg_fail(HG_USAGE, what, "unknown key");
    snprintf(suggestion, sizeof suggestion, "%s", nearest);
    swap_bytes(suggestion, '-', '_');
    return hg_fail(HG_USAGE, what, "unknown key (did you mean %s?)", suggestion);
}

/* Whether some verb has an option of that name. */
static bool is_any_option(const char *name)
{
    for (int v = 0; v < HG_VERBS; v++)
        if (hg_option_find((enum hg_verb)v, name, strlen(name), NULL) != NULL) return true;
    return false;
}

/* Finds the option of a key, and fails when the key has occurred before. *option is NULL when the value is to be
 * ignored: in a checkpoint, for options that checkpoints do not keep. */
static hg_status find_option(struct reader *r, const char *key, size_t line, const struct hg_option **option)
{
    char name[NAME], what[NAME + VALUE];
    snprintf(name, sizeof name, "%s", key);
    swap_bytes(name, '_', '-');
    *option = strchr(key, '-') == NULL ? hg_option_find(r->verb, name, strlen(name), NULL) : NULL;
    if (r->checkpoint && (*option != NULL ? (*option)->reach < HG_IN_CHECKPOINTS : is_any_option(name))) {
        *option = NULL;
        return HG_OK;
    }
    if (*option == NULL) return fail_unknown(r, line, key, name);
    if ((*option)->reach < HG_IN_FILES) {
        return hg_fail(HG_USAGE, where(r, line, key, what), "is for the command line only");
    }
    size_t *seen = &r->seen[*option - hg_options];
    if (*seen != 0)
        return hg_fail(HG_USAGE, where(r, line, key, what), "given twice, first on line %zu", *seen);
    *seen = line;
    return HG_OK;
}

static bool starts(yaml_event_type_t type)
{
    return type == YAML_MAPPING_START_EVENT || type == YAML_SEQUENCE_START_EVENT;
}

static bool ends(yaml_event_type_t type)
{
    return type == YAML_MAPPING_END_EVENT || type == YAML_SEQUENCE_END_EVENT;
}

/* Skips one value, which may be nested. */
static hg_status skip_value(struct reader *r)
{
    int depth = 0;
    do {
        yaml_event_t event;
        HG_TRY(next_event(r, &event));
        const size_t line = line_of(&event);
        depth += starts(event.type) - ends(event.type);
        yaml_event_delete(&event);
        if (depth > DEEPEST) return fail_at(r, line, "nested too deeply");
    } while (depth > 0);
    return HG_OK;
}

static hg_status read_pair(struct reader *r, const char *key, size_t line)
{
    const struct hg_option *option = NULL;
    struct value value = {.length = 0};
    char what[NAME + VALUE];
    HG_TRY(find_option(r, key, line, &option));
    if (option == NULL) return skip_value(r);
    HG_TRY(read_value(r, key, &value));
    where(r, line, key, what);
    if (value.is_list && option->type != HG_OPTION_LIST && option->type != HG_OPTION_SHARES)
        return hg_fail(HG_USAGE, what, "takes one value, not a list");
    if (value.length == 0) return hg_fail(HG_USAGE, what, "has no value");
    return hg_config_set(r->config, option, HG_LEVEL_FILE, what, value.text);
}

/* Reads the pairs of a mapping up to its end. */
static hg_status read_mapping(struct reader *r)
{
    for (;;) {
        yaml_event_t event;
        HG_TRY(next_event(r, &event));
        const bool done = event.type == YAML_MAPPING_END_EVENT, scalar = event.type == YAML_SCALAR_EVENT;
        const size_t line = line_of(&event);
        hg_status status = HG_OK;
        if (scalar && is_text(&event) && event.data.scalar.length < NAME) {
            status = read_pair(r, (const char *)event.data.scalar.value, line);
        } else if (!done) {
            status = fail_at(r, line, "a key must be the name of an option");
        }
        yaml_event_delete(&event);
        if (done || status != HG_OK) return status;
    }
}

static bool is_options_key(const yaml_event_t *event)
{
    return event->type == YAML_SCALAR_EVENT && strcmp((const char *)event->data.scalar.value, "options") == 0;
}

/* Whether the text is a mapping that has a mapping under the key `options`, like summary.json. Uses up the parser. */
static bool has_options(yaml_parser_t *parser)
{
    int depth = 0;
    bool value = false, named = false, found = false, more = true;
    yaml_event_t event;
    while (more && !found && yaml_parser_parse(parser, &event)) {
        const yaml_event_type_t type = event.type;
        found = depth == 1 && value && named && type == YAML_MAPPING_START_EVENT;
        if (depth == 1 && !value) named = is_options_key(&event);
        depth += starts(type) - ends(type);
        /* at depth 1, each of these events ends a key or a value of the outer mapping */
        if (depth == 1 && (ends(type) || type == YAML_SCALAR_EVENT || type == YAML_ALIAS_EVENT))
            value = !value;
        more = type != YAML_STREAM_END_EVENT && type != YAML_DOCUMENT_END_EVENT && depth <= DEEPEST;
        yaml_event_delete(&event);
    }
    return found;
}

/* Reads the pairs of a summary.json up to its end, and of them only `options`. */
static hg_status read_summary(struct reader *r)
{
    for (;;) {
        yaml_event_t event;
        HG_TRY(next_event(r, &event));
        const bool done = event.type == YAML_MAPPING_END_EVENT, options = is_options_key(&event);
        yaml_event_delete(&event);
        if (done) return HG_OK;
        if (!options) {
            HG_TRY(skip_value(r));
            continue;
        }
        HG_TRY(next_event(r, &event)); /* the start of the mapping, which has_options has found */
        yaml_event_delete(&event);
        HG_TRY(read_mapping(r));
    }
}

static hg_status fail_shape(const struct reader *r, size_t line)
{
    return fail_at(r, line, "must be one mapping of options, like lr: 0.01");
}

/* Reads the whole text: at most one document, which must be a mapping. */
static hg_status read_stream(struct reader *r)
{
    for (int documents = 0;;) {
        yaml_event_t event;
        HG_TRY(next_event(r, &event));
        const yaml_event_type_t type = event.type;
        const size_t line = line_of(&event);
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) return HG_OK;
        if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_END_EVENT) continue;
        if (type == YAML_DOCUMENT_START_EVENT && documents++ == 0) continue;
        if (type != YAML_MAPPING_START_EVENT) return fail_shape(r, line);
        HG_TRY(r->summary ? read_summary(r) : read_mapping(r));
    }
}

static hg_status begin(struct reader *r)
{
    if (!yaml_parser_initialize(&r->parser))
        return hg_fail(HG_NOMEM, "out of memory", "cannot read %s", r->name);
    yaml_parser_set_input_string(&r->parser, (const unsigned char *)r->text, strlen(r->text));
    return HG_OK;
}

static hg_status read_text(struct reader *r)
{
    HG_TRY(begin(r));
    r->summary = !r->checkpoint && has_options(&r->parser);
    yaml_parser_delete(&r->parser);
    HG_TRY(begin(r));
    const hg_status status = read_stream(r);
    yaml_parser_delete(&r->parser);
    return status;
}

hg_status hg_config_read_yaml(enum hg_verb verb, const char *what, const char *text, struct hg_config *config)
{
    struct reader r = {.verb = verb, .name = what, .text = text, .config = config};
    HG_TRY(read_text(&r));
    return hg_config_apply_recipe(config);
}

hg_status hg_config_read_checkpoint(const char *what, const char *text, struct hg_config *config)
{
    struct reader r = {
        .verb = HG_VERB_TRAIN, .checkpoint = true, .name = what, .text = text, .config = config};
    const hg_status status = read_text(&r);
    /* the fault is in the file, not in the command line */
    if (status != HG_OK) return status == HG_USAGE ? HG_FAILED : status;
    if (hg_config_layers_fit(config)) return HG_OK;
    return hg_fail(HG_FAILED, what, "its options heads and hidden do not fit each other");
}
