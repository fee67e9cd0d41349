/* Reads the command line: argp parses it, and the table of options defines its meaning. */
#include "base/mem.h"
#include "cli/config_table.h"
#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* argp keys beyond the letters: KEY_OPTION + an option's index in the table, KEY_NEGATED + index for its --no-
 * form */
enum { KEY_OPTION = 1000, KEY_NEGATED = 2000, KEY_HELP = 'h' };

/* State of argp's callback. */
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

/* Lists the verbs that have an option of that name: "import, generate"; "" when none has. */
static void verbs_with(const char *name, char *verbs, size_t size)
{
    size_t used = 0;
    verbs[0] = '\0';
    for (int v = 0; v < HG_VERBS; v++) {
        bool negated = false;
        if (used >= size || hg_option_find((enum hg_verb)v, name, strlen(name), &negated) == NULL) continue;
        const int n = snprintf(verbs + used, size - used, "%s%s", used > 0 ? ", " : "", hg_verb_name[v]);
        used += n < 0 ? 0 : (size_t)n;
    }
}

/* Advice for an option that users expect but `verb` does not have; NULL: none. */
static const char *advice_for(enum hg_verb verb, const char *name)
{
    const struct hg_option *kept = hg_option_find(HG_VERB_TRAIN, name, strlen(name), NULL);
    for (int k = 0; k < hg_num_option_advice; k++)
        if (strcmp(hg_option_advice[k].tried, name) == 0) return hg_option_advice[k].advice;
    return kept != NULL && kept->reach == HG_IN_CHECKPOINTS &&
                   hg_option_find(verb, "checkpoint", 10, NULL) != NULL
               ? "it comes from the checkpoint"
               : NULL;
}

/* Converts to lower case and _ to -: Learning_Rate -> learning-rate. */
static void fold(const char *name, char *folded)
{
    do *folded++ = (char)(*name == '_' ? '-' : tolower((unsigned char)*name));
    while (*name++ != '\0');
}

static hg_status fail_unknown(enum hg_verb verb, const char *word)
{
    const size_t length = strcspn(word, "=");
    char what[128], verbs[128];
    snprintf(what, sizeof what, "%.*s", (int)length, word);
    char folded[sizeof what];
    fold(what + strspn(what, "-"), folded);
    const char *name = folded,
               *nearest = strlen(folded) > 1 ? hg_option_nearest(verb, HG_ARGS_ONLY, name) : NULL;
    verbs_with(name, verbs, sizeof verbs);
    if (hg_option_find(verb, name, strlen(name), NULL) != NULL) /* -heads, --Heads */
        return hg_fail(HG_USAGE, what, "unknown option (did you mean --%s?)", name);
    const char *advice = advice_for(verb, name);
    if (advice != NULL) return hg_fail(HG_USAGE, what, "no option of %s: %s", hg_verb_name[verb], advice);
    if (verbs[0] != '\0')
        return hg_fail(HG_USAGE, what, "no option of %s, but of %s", hg_verb_name[verb], verbs);
    if (nearest == NULL)
        return hg_fail(HG_USAGE, what, "unknown option (see halogat %s --help)", hg_verb_name[verb]);
    return hg_fail(HG_USAGE, what, "unknown option (did you mean --%s?)", nearest);
}

static const struct hg_option *find_letter(enum hg_verb verb, int letter)
{
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (o->letter != 0 && o->letter == letter && hg_option_of(o, verb)) return o;
    }
    return NULL;
}

/* The option whose full name or letter is in a word of the command line; NULL: none. Abbreviations are not
 * accepted. */
static const struct hg_option *find_word(enum hg_verb verb, const char *word)
{
    bool negated = false;
    if (strncmp(word, "--", 2) != 0) return find_letter(verb, word[1]);
    return hg_option_find(verb, word + 2, strcspn(word + 2, "="), &negated);
}

static hg_status fail_valued(const struct hg_option *option, const char *word)
{
    if (option->type == HG_OPTION_FLAG)
        return hg_fail(HG_USAGE, word, "takes no value: write --%s", option->name);
    return hg_fail(HG_USAGE, word, "takes no value: write --%s or --no-%s", option->name, option->name);
}

/* Always fails: says why getopt has refused `word`. */
static hg_status fail_refused(enum hg_verb verb, const char *word)
{
    const struct hg_option *option = find_word(verb, word);
    if (option == NULL) return fail_unknown(verb, word);
    if (takes_value(option))
        return hg_fail(HG_USAGE, word, "needs a value%s%s", option->unit ? ": " : "",
                       option->unit ? option->unit : "");
    return fail_valued(option, word);
}

static hg_status set_argument(struct parsing *p, const char *text)
{
    if (p->config->input != NULL) {
        const struct hg_option *missing = hg_option_missing(p->verb, p->config);
        if (missing == NULL || text[0] == '-')
            return hg_fail(HG_USAGE, text, "unexpected argument after %s", p->config->input);
        return hg_fail(HG_USAGE, text, "unexpected argument after %s (--%s %s?)", p->config->input,
                       missing->name, text);
    }
    if (text[0] == '\0') return hg_fail(HG_USAGE, hg_verb_argument[p->verb], "is empty");
    p->config->input = hg_config_keep(p->config, text);
    return p->config->input != NULL ? HG_OK : HG_NOMEM;
}

/* Whether a word that follows an option may be meant as (a further part of) its value: it is not a file that
 * exists. */
static bool is_stray(const char *word)
{
    return word != NULL && word[0] != '\0' && access(word, F_OK) != 0;
}

/* Fails for lists written with spaces, such as --heads 8 8 1: the numbers that follow belong to the list. */
static hg_status check_list(const struct hg_option *option, const char *what, const char *text,
                            const struct argp_state *state)
{
    char joined[256];
    size_t used = (size_t)snprintf(joined, sizeof joined, "%.100s", text);
    int k = state->next;
    for (; k < state->argc; k++) {
        const char *word = state->argv[k];
        const bool part = is_stray(word) && word[strspn(word, HG_LIST_CHARACTERS)] == '\0';
        if (!part || used + strlen(word) + 2 > sizeof joined) break;
        used += (size_t)snprintf(joined + used, sizeof joined - used, " %s", word);
    }
    return k == state->next ? HG_OK : hg_option_fail_list(option, what, joined);
}

/* Fails for switches with a value, such as --residual true. */
static hg_status check_switch(const struct hg_option *option, const char *what,
                              const struct argp_state *state)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "1", "0"};
    const char *word = state->next < state->argc ? state->argv[state->next] : NULL;
    for (size_t k = 0; is_stray(word) && k < sizeof words / sizeof *words; k++)
        if (strcasecmp(word, words[k]) == 0) return fail_valued(option, what);
    return HG_OK;
}

/* Looks for common mistakes in the value of an option and the words around it. */
static hg_status check_value(enum hg_verb verb, const struct hg_option *option, const char *word,
                             const char *text, const struct argp_state *state)
{
    char what[64];
    const bool apart = text != NULL && text == state->argv[state->next - 1];
    const bool list = option->type == HG_OPTION_LIST || option->type == HG_OPTION_SHARES;
    snprintf(what, sizeof what, "--%s", option->name);
    if (text == NULL) return check_switch(option, what, state);
    if (apart && strncmp(text, "--", 2) == 0 && find_word(verb, text) != NULL)
        return hg_fail(HG_USAGE, word, "needs a value%s%s before %s", option->unit ? ": " : "",
                       option->unit ? option->unit : "", text);
    if (!apart && word[1] != '-' && text[0] == '=')
        return hg_fail(HG_USAGE, word, "write -%c %s", option->letter, text + 1);
    return list ? check_list(option, what, text, state) : HG_OK;
}

/* Whether a word is a long name with one dash. getopt takes -heads for -h with more letters, and -out for -o ut. */
static bool is_long_name(enum hg_verb verb, const char *word)
{
    return word[0] == '-' && word[1] != '-' && word[1] != '\0' && word[2] != '\0' &&
           hg_option_find(verb, word + 1, strcspn(word + 1, "="), NULL) != NULL;
}

/* Sets an option. Abbreviations, which getopt accepts, are errors: with new options of the program they could come to
 * mean others. */
static hg_status set_option(struct parsing *p, int key, const char *text, const struct argp_state *state)
{
    const bool apart = text != NULL && state->argv[state->next - 1] == text;
    const char *word = state->argv[state->next - (apart ? 2 : 1)];
    const struct hg_option *option =
        key < KEY_OPTION ? find_letter(p->verb, key) : &hg_options[key % KEY_OPTION];
    if (strncmp(word, "--", 2) == 0 && find_word(p->verb, word) == NULL) return fail_unknown(p->verb, word);
    if (is_long_name(p->verb, word)) return fail_unknown(p->verb, word);
    HG_TRY(check_value(p->verb, option, word, text, state));
    char what[64];
    snprintf(what, sizeof what, "--%s", option->name);
    const char *flag = key >= KEY_NEGATED ? "false" : "true";
    return hg_config_set(p->config, option, HG_LEVEL_ARGS, what, text != NULL ? text : flag);
}

/* Finds the word that getopt has refused: state->next is behind it, or at it while more letters follow in the same
 * word. */
static hg_status refused(struct parsing *p, const struct argp_state *state)
{
    const char *before = state->next > 1 ? state->argv[state->next - 1] : NULL;
    const bool behind = before != NULL && before[0] == '-' && before[1] != '\0';
    const char *word = behind || state->next >= state->argc ? before : state->argv[state->next];
    return fail_refused(p->verb, word != NULL ? word : "-");
}

/* The word in which getopt has found -h: state->next is behind it, or at it while more letters follow in the same
 * word. */
static const char *help_word(const struct argp_state *state)
{
    const char *word = state->next < state->argc ? state->argv[state->next] : "";
    return word[0] == '-' && word[1] == 'h' ? word : state->argv[state->next - 1];
}

static error_t on_key(int key, char *text, struct argp_state *state)
{
    struct parsing *p = state->input;
    if (key == KEY_HELP && is_long_name(p->verb, help_word(state))) {
        p->status = fail_unknown(p->verb, help_word(state));
    } else if (key == KEY_HELP) {
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

/* Lists the options of a verb for argp; name, alias, letter and --no- form have an entry each. negated [options]:
 * memory for the names of the --no- forms. */
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
