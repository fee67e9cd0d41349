#include "base/mem.h"
#include "cli/config_table.h"
#include "cli/did_you_mean.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A value that is parsed: the option, its name as the user wrote it, the text, and the field for the result. */
struct reading {
    const struct hg_option *option;
    const char *what, *text;
    struct hg_config *config;
    void *field;
};

static bool in_range(const struct hg_option_range *range, double v)
{
    if (range->min == 0 && range->max == 0) return true;
    return (range->min_open ? v > range->min : v >= range->min) &&
           (range->max_open ? v < range->max : v <= range->max);
}

static hg_status out_of_range(const struct reading *r, const char *value)
{
    const struct hg_option_range *range = &r->option->range;
    if (isinf(range->max)) {
        return hg_fail(HG_USAGE, r->what, "must be %s %.10g, not %s", range->min_open ? "above" : "at least",
                       range->min, value);
    }
    return hg_fail(HG_USAGE, r->what, "must be in %c%.10g, %.10g%c, not %s", range->min_open ? '(' : '[',
                   range->min, range->max, range->max_open ? ')' : ']', value);
}

/* Parses an integer at *text and moves *text behind it. Unlike strtoll, it skips no blanks. */
static bool scan_int(const char **text, int64_t *value)
{
    char *end = NULL;
    const char *digits = *text + (**text == '-' || **text == '+');
    if (!isdigit((unsigned char)*digits)) return false;
    errno = 0;
    const long long v = strtoll(*text, &end, 10);
    *value = v;
    *text = end;
    return errno == 0;
}

/* The same for a decimal number; nan, inf and hexadecimal numbers are not accepted. */
static bool scan_real(const char **text, double *value)
{
    char *end = NULL;
    const char *digits = *text + (**text == '-' || **text == '+');
    if (!isdigit((unsigned char)*digits) && *digits != '.') return false;
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) return false;
    *value = strtod(*text, &end);
    const bool some = end != *text;
    *text = end;
    return some && isfinite(*value);
}

/* Converts other notations of numbers: 0,5 to 0.5, 5% to 0.05, 1e3 where a whole number is expected to 1000. False
 * when text is not a number. */
static bool respell_number(const char *text, bool whole, char *number, size_t size)
{
    char copy[64];
    double value = 0;
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy) return false;
    const char *end = copy;
    char *comma = strchr(copy, ',');
    if (comma != NULL && !whole) *comma = '.';
    if (!scan_real(&end, &value)) return false;
    const bool percent = strcmp(end, "%") == 0 && !whole;
    if ((*end != '\0' && !percent) || (whole && (value != floor(value) || fabs(value) >= 1e15))) return false;
    snprintf(number, size, "%.15g", percent ? value / 100 : value);
    return true;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* Moves *text over a comma between two entries of a list, or to the end of the list; false when anything else
 * follows. */
static bool scan_comma(const char **text)
{
    *text = skip_blanks(*text);
    if (**text == '\0') return true;
    if (**text != ',') return false;
    *text = skip_blanks(*text + 1);
    return **text != '\0';
}

static hg_status read_bool(const struct reading *r)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};
    for (int k = 0; k < 6; k++) {
        if (strcasecmp(r->text, words[k]) != 0) continue;
        *(bool *)r->field = k % 2 != 0;
        return HG_OK;
    }
    return hg_fail(HG_USAGE, r->what, "must be true or false, not \"%s\"", r->text);
}

static hg_status not_whole(const struct reading *r, const char *word)
{
    char number[32];
    const char *digits = r->text + (r->text[0] == '-' || r->text[0] == '+');
    if (digits[0] != '\0' && digits[strspn(digits, "0123456789")] == '\0')
        return hg_fail(HG_USAGE, r->what, "%s is too large: at most %lld", r->text, (long long)INT64_MAX);
    if (respell_number(r->text, true, number, sizeof number))
        return hg_fail(HG_USAGE, r->what, "\"%s\" is not a whole number: write %s", r->text, number);
    return hg_fail(HG_USAGE, r->what, "\"%s\" is not a whole number%s%s", r->text, word != NULL ? " or " : "",
                   word != NULL ? word : "");
}

static hg_status read_int(const struct reading *r)
{
    const char *end = r->text, *word = r->option->num_choices > 0 ? r->option->choices[0] : NULL;
    int64_t value = -1;
    if (word == NULL || strcmp(r->text, word) != 0) {
        if (!scan_int(&end, &value) || *end != '\0') return not_whole(r, word);
        if (!in_range(&r->option->range, (double)value)) return out_of_range(r, r->text);
    }
    *(int64_t *)r->field = value;
    return HG_OK;
}

static hg_status not_real(const struct reading *r)
{
    char number[32], *end = NULL;
    if (isinf(strtod(r->text, &end)) && *end == '\0')
        return hg_fail(HG_USAGE, r->what, "must be a finite number, not %s", r->text);
    if (respell_number(r->text, false, number, sizeof number))
        return hg_fail(HG_USAGE, r->what, "\"%s\" is not a number: write %s", r->text, number);
    return hg_fail(HG_USAGE, r->what, "\"%s\" is not a number", r->text);
}

static hg_status read_real(const struct reading *r)
{
    const char *end = r->text;
    double value = 0;
    if (!scan_real(&end, &value) || *end != '\0') return not_real(r);
    if (!in_range(&r->option->range, value)) return out_of_range(r, r->text);
    *(double *)r->field = value;
    return HG_OK;
}

static void join_choices(const struct hg_option *option, char *joined, size_t size)
{
    size_t used = 0;
    joined[0] = '\0';
    for (int k = 0; k < option->num_choices && used < size; k++) {
        const int n = snprintf(joined + used, size - used, "%s%s", k > 0 ? ", " : "", option->choices[k]);
        used += n < 0 ? 0 : (size_t)n;
    }
}

/* Whether the text is this choice. Of a choice like file:PARTS it is file: and a path. */
static bool is_choice(const char *text, const char *choice)
{
    const char *colon = strchr(choice, ':');
    if (colon == NULL) return strcmp(text, choice) == 0;
    const size_t fixed = (size_t)(colon - choice) + 1;
    return strlen(text) > fixed && memcmp(text, choice, fixed) == 0;
}

static hg_status find_choice(const struct reading *r, int *choice_index)
{
    struct hg_suggestion nearest = {.word = r->text};
    char joined[256];
    for (*choice_index = 0; *choice_index < r->option->num_choices; ++*choice_index) {
        const char *choice = r->option->choices[*choice_index];
        if (is_choice(r->text, choice)) return HG_OK;
        hg_suggestion_offer(&nearest, choice, choice);
    }
    join_choices(r->option, joined, sizeof joined);
    const char *one_of = r->option->num_choices > 1 ? "one of " : "";
    if (nearest.best == NULL || r->option->num_choices == 1)
        return hg_fail(HG_USAGE, r->what, "must be %s%s, not \"%s\"", one_of, joined, r->text);
    return hg_fail(HG_USAGE, r->what, "must be %s%s, not \"%s\" (did you mean %s?)", one_of, joined, r->text,
                   nearest.best);
}

/* The path of a choice like file:PARTS; NULL with other choices. */
static hg_status read_choice_path(const struct reading *r, int choice_index)
{
    const char *path = NULL;
    if (strchr(r->option->choices[choice_index], ':') != NULL) {
        path = hg_config_keep(r->config, strchr(r->text, ':') + 1);
        if (path == NULL) return HG_NOMEM;
    }
    memcpy((char *)r->config + r->option->path_offset, &path, sizeof path);
    return HG_OK;
}

static hg_status read_choice(const struct reading *r)
{
    int choice_index = 0;
    HG_TRY(find_choice(r, &choice_index));
    memcpy(r->field, &choice_index, sizeof choice_index); /* the field is an enum of the size of an int */
    return r->option->path_offset != 0 ? read_choice_path(r, choice_index) : HG_OK;
}

static hg_status read_text(const struct reading *r)
{
    int choice_index = 0;
    if (r->option->num_choices > 0) HG_TRY(find_choice(r, &choice_index));
    const char *kept = hg_config_keep(r->config, r->text);
    if (kept == NULL) return HG_NOMEM;
    memcpy(r->field, &kept, sizeof kept);
    return HG_OK;
}

hg_status hg_option_fail_list(const struct hg_option *option, const char *what, const char *text)
{
    char list[128];
    const bool shares = option->type == HG_OPTION_SHARES, plain = strpbrk(text, " \t;[](){}x") == NULL;
    if (plain || !hg_list_respell(text, list, sizeof list)) {
        return hg_fail(HG_USAGE, what, "\"%s\" is not %s", text,
                       shares ? "two shares like 0.6,0.2" : "a list of whole numbers like 8,1");
    }
    const bool file = what[0] != '-';
    return hg_fail(HG_USAGE, what, "a list is written with commas: %s%s%s", file ? "" : what, file ? "" : " ",
                   list);
}

bool hg_list_respell(const char *text, char *list, size_t size)
{
    static const char between[] = HG_LIST_SEPARATORS, digits[] = "0123456789.";
    size_t used = 0;
    for (text += strspn(text, between); *text != '\0'; text += strspn(text, between)) {
        const size_t length = strspn(text, digits);
        const int n = length == 0 ? -1
                                  : snprintf(list + used, size - used, "%s%.*s", used > 0 ? "," : "",
                                             (int)length, text);
        if (n < 0 || used + (size_t)n >= size) return false;
        used += (size_t)n;
        text += length;
    }
    return used > 0;
}

static hg_status read_list(const struct reading *r)
{
    struct hg_int_list list = {0};
    const char *end = skip_blanks(r->text);
    do {
        int64_t value = 0;
        if (list.count == HG_MAX_LIST)
            return hg_fail(HG_USAGE, r->what, "has more than %d entries", HG_MAX_LIST);
        if (!scan_int(&end, &value) || !scan_comma(&end))
            return hg_option_fail_list(r->option, r->what, r->text);
        if (!in_range(&r->option->range, (double)value)) return out_of_range(r, r->text);
        list.value[list.count++] = value;
    } while (*end != '\0');
    *(struct hg_int_list *)r->field = list;
    return HG_OK;
}

static hg_status read_shares(const struct reading *r)
{
    const char *end = skip_blanks(r->text);
    double share[2] = {0, 0};
    int count = 0;
    do {
        if (count == 2 || !scan_real(&end, &share[count++]) || !scan_comma(&end)) count = 3;
    } while (count < 3 && *end != '\0');
    if (count != 2) return hg_option_fail_list(r->option, r->what, r->text);
    /* by rounding, shares such as 0.7,0.3 may add up to slightly more than 1 */
    if (!(share[0] > 0 && share[1] > 0 && share[0] + share[1] <= 1 + 1e-12)) {
        return hg_fail(HG_USAGE, r->what, "shares must be above 0 and add up to at most 1, not %s", r->text);
    }
    memcpy(r->field, share, sizeof share);
    return HG_OK;
}

hg_status hg_option_read(const struct hg_option *option, const char *what, const char *text,
                         struct hg_config *config)
{
    static hg_status (*const read_type[HG_OPTION_TYPES])(const struct reading *) = {
        [HG_OPTION_FLAG] = read_bool, [HG_OPTION_SWITCH] = read_bool,   [HG_OPTION_INT] = read_int,
        [HG_OPTION_REAL] = read_real, [HG_OPTION_TEXT] = read_text,     [HG_OPTION_CHOICE] = read_choice,
        [HG_OPTION_LIST] = read_list, [HG_OPTION_SHARES] = read_shares,
    };
    const struct reading r = {option, what, text, config, (char *)config + option->offset};
    if (text[0] == '\0') return hg_fail(HG_USAGE, what, "is empty");
    return read_type[option->type](&r);
}
