#include "io/text/fields.h"

#include <string.h>

/* Characters around a field that do not belong to it. */
static const char *padding_of(char separator)
{
    return separator == '\t' ? " " : " \t";
}

char hg_fields_separator(const char *line)
{
    char separator = ' ';
    bool quoted = false;
    for (; *line != '\0'; line++) {
        if (*line == '"') quoted = !quoted;
        if (quoted) continue;
        if (*line == ',') return ',';
        if (*line == '\t') separator = '\t';
    }
    return separator;
}

static bool ends_field(char c, char separator)
{
    return c == '\0' || c == separator || (separator == ' ' && c == '\t');
}

/* The position after the closing quote of a quoted field; `field` is at the opening one. NULL when there is no
 * closing quote or text follows it. */
static const char *behind_quotes(const char *field, char separator)
{
    const char *at = field + 1;
    for (;; at++) {
        if (*at == '\0') return NULL;
        if (*at == '"' && *++at != '"') break;
    }
    const char *next = at + strspn(at, padding_of(separator));
    return ends_field(*next, separator) || next > at ? at : NULL;
}

/* Removes the quotes of a quoted field, in place: "a""b" -> a"b. */
static char *unquote(char *field)
{
    char *to = field;
    for (const char *from = field + 1; !(from[0] == '"' && from[1] != '"'); from++) {
        if (*from == '"') from++;
        *to++ = *from;
    }
    *to = '\0';
    return field;
}

/* The end of the field that begins at `at`: a separator or the end of the line; NULL when a quote is wrong. */
static const char *end_of(const char *at, char separator)
{
    if (*at == '"') {
        at = behind_quotes(at, separator);
        if (at == NULL) return NULL;
        at += strspn(at, separator == ' ' ? "" : padding_of(separator));
        return ends_field(*at, separator) ? at : NULL;
    }
    while (!ends_field(*at, separator)) at++;
    return at;
}

/* Ends the field at `end`, without the spaces before it. */
static void trim(char *field, char *end, char separator)
{
    while (end > field && strchr(padding_of(separator), end[-1]) != NULL) end--;
    *end = '\0';
}

int64_t hg_fields_split(char *line, char separator, char **field, int64_t most)
{
    int64_t fields = 0;
    char *at = line + strspn(line, padding_of(separator));
    if (separator == ' ' && *at == '\0') return 0;
    for (;; fields++) {
        const char *found = end_of(at, separator);
        if (found == NULL) return -1;
        char *end = at + (found - at);
        const bool last = *end == '\0';
        char *next = end + 1;
        if (last && *at == '\0' && fields > 0 && fields >= most) return fields;
        trim(at, end, separator);
        if (fields < most) field[fields] = *at == '"' ? unquote(at) : at;
        if (last) return fields + 1;
        at = next + strspn(next, padding_of(separator));
        if (separator == ' ' && *at == '\0') return fields + 1;
    }
}

int64_t hg_fields_count(const char *line, char separator)
{
    int64_t fields = 0;
    const char *at = line + strspn(line, padding_of(separator));
    while (*at != '\0') {
        const char *end = end_of(at, separator);
        if (end == NULL) return -1;
        fields++;
        if (*end == '\0') break;
        at = end + 1 + strspn(end + 1, padding_of(separator));
    }
    return fields;
}
