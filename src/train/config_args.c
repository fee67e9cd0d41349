/* The command line: argp walks it, the table of options says what it means. */
#include "base/mem.h"
#include "train/config_table.h"
#include <argp.h>
#include <errno.h>
#include <string.h>

/* argp keys above the letters: an option's place in the table, and the same for its --no- form */
enum { KEY_OPTION = 1000, KEY_NEGATED = 2000, KEY_HELP = 'h' };

/** What the callback of argp works on. */
struct parsing {
    enum hg_verb verb;
    struct hg_config *config;
    bool help;
    hg_status status;
};

static bool takes_value(const struct hg_option *option)
{
    return option->type != HG_OPTION_FLAG && option->type != HG_OPTION_SWITCH;
}

static hg_status fail_unknown(enum hg_verb verb, const char *word)
{
    const size_t length = strcspn(word, "=");
    char what[128];
    snprintf(what, sizeof what, "%.*s", (int)length, word);
    const char *name = word[0] == '-' && word[1] == '-' ? what + 2 : "";
    const char *nearest = strlen(name) > 1 ? hg_option_nearest(verb, HG_ARGS_ONLY, name) : NULL;
    if (nearest == NULL) {
        return hg_fail(HG_USAGE, what, "unknown option (see halogat %s --help)", hg_verb_name[verb]);
    }
    return hg_fail(HG_USAGE, what, "unknown option (did you mean --%s?)", nearest);
}

static const struct hg_option *find_letter(enum hg_verb verb, int letter)
{
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (o->letter != 0 && o->letter == letter && hg_option_of(o, verb)) return o;
    }
    return NULL;
}

/* The option that a word of the command line names in full; NULL: none, so an abbreviation is unknown. */
static const struct hg_option *find_word(enum hg_verb verb, const char *word)
{
    bool negated = false;
    if (strncmp(word, "--", 2) != 0) return find_letter(verb, word[1]);
    return hg_option_find(verb, word + 2, strcspn(word + 2, "="), &negated);
}

/* Says why getopt refused `word`. */
static hg_status fail_refused(enum hg_verb verb, const char *word)
{
    const struct hg_option *option = find_word(verb, word);
    if (option == NULL) return fail_unknown(verb, word);
    if (takes_value(option))
        return hg_fail(HG_USAGE, word, "needs a value%s%s", option->unit ? ": " : "",
                       option->unit ? option->unit : "");
    return hg_fail(HG_USAGE, word, "takes no value");
}

static hg_status set_argument(struct parsing *p, const char *text)
{
    if (p->config->input != NULL) {
        return hg_fail(HG_USAGE, text, "unexpected argument after %s", p->config->input);
    }
    if (text[0] == '\0') return hg_fail(HG_USAGE, hg_verb_argument[p->verb], "is empty");
    p->config->input = hg_config_keep(p->config, text);
    return p->config->input != NULL ? HG_OK : HG_NOMEM;
}

/* getopt accepts unambiguous abbreviations; they would turn into other options as the program grows, so they
 * are errors. */
static hg_status set_option(struct parsing *p, int key, const char *text, const struct argp_state *state)
{
    const bool apart = text != NULL && state->argv[state->next - 1] == text;
    const char *word = state->argv[state->next - (apart ? 2 : 1)];
    const struct hg_option *option =
        key < KEY_OPTION ? find_letter(p->verb, key) : &hg_options[key % KEY_OPTION];
    if (strncmp(word, "--", 2) == 0 && find_word(p->verb, word) == NULL) return fail_unknown(p->verb, word);
    char what[64];
    snprintf(what, sizeof what, "--%s", option->name);
    const char *flag = key >= KEY_NEGATED ? "false" : "true";
    return hg_config_set(p->config, option, HG_LEVEL_ARGS, what, text != NULL ? text : flag);
}

/* getopt stands behind a refused word, or on it while more letters follow in the same word. */
static hg_status refused(struct parsing *p, const struct argp_state *state)
{
    const char *before = state->next > 1 ? state->argv[state->next - 1] : NULL;
    const bool behind = before != NULL && before[0] == '-' && before[1] != '\0';
    const char *word = behind || state->next >= state->argc ? before : state->argv[state->next];
    return fail_refused(p->verb, word != NULL ? word : "-");
}

static error_t on_key(int key, char *text, struct argp_state *state)
{
    struct parsing *p = state->input;
    if (key == KEY_HELP) {
        p->help = true;
        state->next = state->argc;
    } else if (key == ARGP_KEY_ARG) {
        p->status = set_argument(p, text);
    } else if (key == ARGP_KEY_ERROR) {
        if (p->status == HG_OK) p->status = refused(p, state);
    } else if (key < 256 ? find_letter(p->verb, key) != NULL
                         : key >= KEY_OPTION && key < KEY_NEGATED + KEY_OPTION) {
        p->status = set_option(p, key, text, state);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return p->status == HG_OK ? 0 : EINVAL;
}

/* argp's view of the options of a verb: name, alias, letter and --no- form are entries of their own. */
static struct argp_option *fill_options(enum hg_verb verb, char (*negated)[64], struct argp_option *to)
{
    for (int k = 0; k < hg_num_options; k++) {
        const struct hg_option *o = &hg_options[k];
        if (!hg_option_of(o, verb)) continue;
        const char *unit = takes_value(o) ? "VALUE" : NULL;
        *to++ = (struct argp_option){.name = o->name, .key = KEY_OPTION + k, .arg = unit};
        if (o->alias != NULL)
            *to++ = (struct argp_option){.name = o->alias, .key = KEY_OPTION + k, .arg = unit};
        if (o->letter != 0) *to++ = (struct argp_option){.key = o->letter, .arg = unit};
        if (o->type != HG_OPTION_SWITCH) continue;
        snprintf(negated[k], sizeof negated[k], "no-%s", o->name);
        *to++ = (struct argp_option){.name = negated[k], .key = KEY_NEGATED + k};
    }
    *to++ = (struct argp_option){.name = "help", .key = KEY_HELP};
    return to;
}

hg_status hg_config_read_args(enum hg_verb verb, int argc, char **argv, struct hg_config *config, bool *help)
{
    struct argp_option options[4 * HG_MAX_OPTIONS + 2];
    char negated[HG_MAX_OPTIONS][64];
    struct parsing parsing = {.verb = verb, .config = config};
    *fill_options(verb, negated, options) = (struct argp_option){0};
    const struct argp argp = {.options = options, .parser = on_key};
    const error_t code =
        argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &parsing);
    *help = parsing.help;
    if (parsing.status != HG_OK || code == 0) return parsing.status;
    if (code == ENOMEM) return hg_fail(HG_NOMEM, "out of memory", "cannot read the command line");
    return hg_fail(HG_USAGE, hg_verb_name[verb], "the command line cannot be understood");
}
