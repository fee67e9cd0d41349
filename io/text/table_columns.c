/* Assigns roles to the columns of a table, by --columns and usual names, and tells the user. */
#include "base/mem.h"
#include "io/text/table.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NAME_BYTES = 64, LIST_BYTES = 512 };

static const char *const keys[] = {"source", "target", "feature", "id", "label", "mask", "name"};
enum { KEYS = sizeof keys / sizeof *keys };

/* One KEY=NAME of --columns; the texts are not terminated. */
struct choice {
    const char *key, *name;
    size_t key_bytes, name_bytes;
};

/* Parses the choice at *at and moves *at behind it; false at the end of the text or when it is malformed. */
static bool next_choice(const char **at, struct choice *choice)
{
    if (*at == NULL || **at == '\0') return false;
    const char *key = *at, *equals = key + strcspn(key, "=,");
    if (*equals != '=') return false;
    const size_t bytes = strcspn(equals + 1, ",");
    if (bytes == 0) return false;
    *choice = (struct choice){key, equals + 1, (size_t)(equals - key), bytes};
    *at = equals + 1 + bytes;
    *at += **at == ',';
    return true;
}

static bool has_key(const struct choice *choice, const char *key)
{
    return strlen(key) == choice->key_bytes && memcmp(key, choice->key, choice->key_bytes) == 0;
}

hg_status hg_columns_check(const char *chosen)
{
    struct choice choice;
    const char *at = chosen;
    while (next_choice(&at, &choice)) {
        int k = 0;
        while (k < KEYS && !has_key(&choice, keys[k])) k++;
        if (k == KEYS)
            return hg_fail(HG_USAGE, "columns",
                           "no key %.*s: source, target, feature, id, label, mask or name",
                           (int)choice.key_bytes, choice.key);
    }
    if (at == NULL || (*at == '\0' && at > chosen && at[-1] != ',')) return HG_OK;
    return hg_fail(HG_USAGE, "columns", "\"%s\" is not a list like source=A,target=B", chosen);
}

bool hg_columns_names(const char *chosen, const char *key)
{
    struct choice choice;
    for (const char *at = chosen; next_choice(&at, &choice);)
        if (has_key(&choice, key)) return true;
    return false;
}

/* Reduces a name to lower-case letters and digits, without endings that only say that a column holds nodes
 * ("fromNodeId" -> "from"). */
static void normalize(const char *name, char out[NAME_BYTES])
{
    static const char *const endings[] = {"id", "node", "index", "idx", "vertex"};
    size_t n = 0;
    for (; *name != '\0' && n < NAME_BYTES - 1; name++)
        if (isalnum((unsigned char)*name) || (unsigned char)*name >= 0x80)
            out[n++] = (char)tolower((unsigned char)*name);
    out[n] = '\0';
    for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
        const size_t bytes = strlen(endings[e]);
        if (n <= bytes || strcmp(out + n - bytes, endings[e]) != 0) continue;
        out[n -= bytes] = '\0';
        e = (size_t)-1; /* from the first ending again */
    }
}

static bool is_usual(const char *name, const struct hg_column_role *role)
{
    char plain[NAME_BYTES];
    normalize(name, plain);
    for (int k = 0; role->names != NULL && role->names[k] != NULL; k++)
        if (strcmp(plain, role->names[k]) == 0) return true;
    return false;
}

static bool names(const struct choice *choice, const char *name)
{
    return strlen(name) == choice->name_bytes && memcmp(name, choice->name, choice->name_bytes) == 0;
}

bool hg_column_is(const struct hg_column_role *role, const char *chosen, const char *name)
{
    struct choice choice;
    bool said = false;
    for (const char *at = chosen; next_choice(&at, &choice);) {
        if (!has_key(&choice, role->key)) continue;
        if (names(&choice, name)) return true;
        said = true;
    }
    return !said && is_usual(name, role);
}

/* The column that a choice names; -1: there is none. */
static int64_t find_column(const struct hg_table *table, const struct choice *choice)
{
    int64_t number = 0;
    char text[24];
    for (int64_t k = 0; k < table->columns && table->name != NULL; k++)
        if (names(choice, table->name[k])) return k;
    if (table->name != NULL || choice->name_bytes >= sizeof text) return -1;
    snprintf(text, sizeof text, "%.*s", (int)choice->name_bytes, choice->name);
    return hg_text_integer(text, &number) && number >= 1 && number <= table->columns ? number - 1 : -1;
}

/* Gives a column role r; fails when it has another one already. */
static hg_status take_column(struct hg_table *table, const struct hg_column_role *roles, int64_t column,
                             int r)
{
    const int8_t before = table->role[column];
    if (before >= 0 && before != r) {
        char number[24];
        snprintf(number, sizeof number, "%lld", (long long)column + 1);
        return hg_fail(HG_USAGE, "columns", "column %s of %s is both %s and %s",
                       table->name != NULL ? table->name[column] : number, table->text.stream.what,
                       roles[before].key, roles[r].key);
    }
    table->count[r] += before != r;
    table->role[column] = (int8_t)r;
    table->chosen = true;
    return HG_OK;
}

static hg_status take_choices(struct hg_table *table, const struct hg_column_role *roles, const char *chosen)
{
    struct choice choice;
    for (const char *at = chosen; next_choice(&at, &choice);) {
        for (int r = 0; roles[r].key != NULL; r++) {
            if (!has_key(&choice, roles[r].key) || (table->columns == 1 && strcmp(roles[r].key, "id") == 0))
                continue;
            const int64_t column = find_column(table, &choice);
            if (column < 0)
                return hg_fail(HG_FAILED, table->text.stream.what,
                               table->name != NULL ? "no column %.*s in its header"
                                                   : "no header, and no column number %.*s",
                               (int)choice.name_bytes, choice.name);
            HG_TRY(take_column(table, roles, column, r));
        }
    }
    return HG_OK;
}

/* Whether a name ends in "id" as a word: "paper_id", "userId". Lists of usual names cannot contain all of these. */
static bool ends_in_id(const char *name)
{
    const size_t n = strlen(name);
    return n > 2 && strcasecmp(name + n - 2, "id") == 0 &&
           (!isalpha((unsigned char)name[n - 3]) ||
            (name[n - 2] == 'I' && islower((unsigned char)name[n - 3])));
}

/* In a table that may have ids but has no column with a usual name for them, takes all columns whose name ends in
 * "id". */
static void take_foreign_ids(struct hg_table *table, const struct hg_column_role *roles)
{
    if (table->name == NULL || table->chosen || table->count[0] > 0 || strcmp(roles[0].key, "id") != 0)
        return;
    for (int64_t k = 0; k < table->columns; k++) {
        if (table->role[k] != HG_COLUMN_UNUSED || !ends_in_id(table->name[k])) continue;
        table->role[k] = 0;
        table->count[0]++;
    }
}

hg_status hg_table_assign(struct hg_table *table, const struct hg_column_role *roles, const char *chosen)
{
    for (int64_t k = 0; k < table->columns; k++) table->role[k] = HG_COLUMN_UNUSED;
    HG_TRY(take_choices(table, roles, chosen));
    for (int r = 0; roles[r].key != NULL && table->name != NULL; r++) {
        if (hg_columns_names(chosen, roles[r].key)) continue;
        for (int64_t k = 0; k < table->columns; k++) {
            if (table->role[k] != HG_COLUMN_UNUSED || !is_usual(table->name[k], &roles[r])) continue;
            table->role[k] = (int8_t)(roles[r].key[0] != '\0' ? r : HG_COLUMN_INDEX);
            table->count[r]++;
        }
    }
    take_foreign_ids(table, roles);
    if (table->name != NULL && table->name[0][0] == '\0' && table->role[0] == HG_COLUMN_UNUSED)
        table->role[0] = HG_COLUMN_INDEX;
    return HG_OK;
}

int64_t hg_table_column(const struct hg_table *table, int role)
{
    for (int64_t k = 0; k < table->columns; k++)
        if (table->role[k] == role) return k;
    return -1;
}

/* A list of words in a text of fixed size; "..." stands for what does not fit. */
struct list {
    char text[LIST_BYTES];
    size_t length;
};

static void add(struct list *list, const char *between, const char *word)
{
    const size_t room = sizeof list->text - list->length;
    const int n = snprintf(list->text + list->length, room, "%s%s", list->length > 0 ? between : "", word);
    if (n < 0 || (size_t)n < room) {
        list->length += n > 0 ? (size_t)n : 0;
        return;
    }
    memcpy(list->text + sizeof list->text - 4, "...", 4);
    list->length = sizeof list->text - 1;
}

static const char *shown_name(const char *name)
{
    return name[0] != '\0' ? name : "a column without a name";
}

static void list_header(const struct hg_table *table, struct list *list)
{
    for (int64_t k = 0; k < table->columns; k++)
        if (table->name[k][0] != '\0') add(list, ", ", table->name[k]);
}

void hg_table_note(const struct hg_table *table, const struct hg_column_role *roles, struct hg_notes *notes)
{
    struct list header = {0}, uses = {0}, unused = {0};
    char use[2 * NAME_BYTES];
    if (table->name == NULL) return;
    list_header(table, &header);
    for (int64_t k = 0; k < table->columns; k++) {
        const int role = table->role[k];
        if (role < 0) {
            add(&unused, ", ", shown_name(table->name[k]));
        } else if (strcasecmp(roles[role].key, table->name[k]) != 0) {
            snprintf(use, sizeof use, "%s: %s", roles[role].key, table->name[k]);
            add(&uses, ", ", use);
        }
    }
    hg_note(notes, table->text.stream.what, "header: %s%s%s%s%s%s", header.text, uses.length > 0 ? " (" : "",
            uses.text, uses.length > 0 ? ")" : "", unused.length > 0 ? "; not read: " : "", unused.text);
}

hg_status hg_table_unclear(const struct hg_table *table, const char *why, const char *example)
{
    struct list header = {0};
    if (table->name != NULL) list_header(table, &header);
    return hg_fail(HG_FAILED, table->text.stream.what, "%s%s%s%s: say it with --columns %s", why,
                   header.length > 0 ? " (header: " : "", header.text, header.length > 0 ? ")" : "", example);
}
