#include "cli/show.h"

#include "base/mem.h"
#include "base/printable.h"
#include "cli/results.h"
#include <stdio.h>
#include <string.h>

enum {
    KEY = 20,
    CELL = 64,
    LONG = 16384,
    COLUMNS = 16,
    MOST = 16 /* largest number of entries of a list that are printed as text */
};

json_t *hg_show_text(const char *text, size_t length)
{
    length = strnlen(text, length);
    json_t *string = json_stringn(text, length);
    if (string != NULL) return string;
    const size_t size = HG_PRINTABLE_GROWTH * length + 1;
    char *shown = hg_mem_alloc((int64_t)size, 1);
    if (shown == NULL) return NULL;
    string = json_stringn(shown, hg_printable(text, length, "", shown, size));
    hg_mem_free(shown);
    return string;
}

/* text: "64 x 10" */
static void format_sizes(const json_t *list, char text[CELL])
{
    int used = 0;
    text[0] = '\0';
    for (size_t k = 0; k < json_array_size(list) && used >= 0 && used < CELL; k++) {
        used += snprintf(text + used, (size_t)(CELL - used), "%s%lld", k > 0 ? " x " : "",
                         (long long)json_integer_value(json_array_get(list, k)));
    }
}

static void format_plain(const json_t *value, char text[CELL])
{
    if (json_is_string(value))
        hg_printed(json_string_value(value), text, CELL);
    else if (json_is_integer(value))
        snprintf(text, CELL, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
        snprintf(text, CELL, "%.5g", json_real_value(value));
    else if (json_is_boolean(value))
        snprintf(text, CELL, "%s", json_is_true(value) ? "yes" : "no");
    else if (json_is_array(value))
        format_sizes(value, text);
    else
        snprintf(text, CELL, "none");
}

static void print_plain(const json_t *value)
{
    char text[LONG];
    if (json_is_string(value))
        hg_printed(json_string_value(value), text, sizeof text);
    else
        format_plain(value, text);
    hg_print("%s", text);
}

/* Prints a string of several lines, such as the options of a checkpoint, below its key. */
static void print_lines(const char *text)
{
    while (*text != '\0') {
        char line[LONG];
        const size_t length = strcspn(text, "\n");
        hg_printable(text, length, "", line, sizeof line);
        hg_print("\n    %s", line);
        text += length + (text[length] == '\n');
    }
}

static void print_list(const json_t *list)
{
    size_t k;
    json_t *value;
    json_array_foreach(list, k, value)
    {
        if (k == MOST) break;
        if (k > 0) hg_print(", ");
        print_plain(value);
    }
    if (json_array_size(list) > MOST) hg_print(", ... (%zu)", json_array_size(list));
}

static void print_object(json_t *object)
{
    const char *key, *between = "";
    json_t *value;
    json_object_foreach(object, key, value)
    {
        hg_print("%s%s ", between, key);
        if (json_is_array(value))
            print_list(value);
        else
            print_plain(value);
        between = ", ";
    }
}

/* width [columns]: the longer of the column's name and its longest entry. Returns the number of columns. */
static int measure(json_t *rows, const char *keys[COLUMNS], int width[COLUMNS])
{
    const char *key;
    json_t *value, *row;
    size_t r;
    int columns = 0;
    json_object_foreach(json_array_get(rows, 0), key, value)
    {
        if (columns == COLUMNS) break;
        keys[columns] = key;
        width[columns++] = (int)strlen(key);
    }
    json_array_foreach(rows, r, row)
    {
        for (int c = 0; c < columns; c++) {
            char text[CELL];
            format_plain(json_object_get(row, keys[c]), text);
            const int length = (int)strlen(text);
            if (length > width[c]) width[c] = length;
        }
    }
    return columns;
}

static void print_table(const char *name, json_t *rows)
{
    const char *keys[COLUMNS];
    int width[COLUMNS];
    size_t r;
    json_t *row;
    const int columns = measure(rows, keys, width);
    hg_print("\n%s\n ", name);
    for (int c = 0; c < columns; c++) hg_print(" %*s", width[c], keys[c]);
    json_array_foreach(rows, r, row)
    {
        hg_print("\n ");
        for (int c = 0; c < columns; c++) {
            char text[CELL];
            format_plain(json_object_get(row, keys[c]), text);
            hg_print(" %*s", width[c], text);
        }
    }
}

static void print_entry(const char *key, json_t *value)
{
    if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
        print_table(key, value);
        hg_print("\n");
        return;
    }
    hg_print("%-*s", KEY, key);
    if (json_is_array(value))
        print_list(value);
    else if (json_is_object(value))
        print_object(value);
    else if (json_is_string(value) && strchr(json_string_value(value), '\n') != NULL)
        print_lines(json_string_value(value));
    else
        print_plain(value);
    hg_print("\n");
}

hg_status hg_show(const struct hg_comm *comm, json_t *value, bool as_json)
{
    const bool missing = comm->rank == 0 && value == NULL;
    const hg_status status = missing ? hg_fail(HG_NOMEM, "out of memory", "no room for the result") : HG_OK;
    HG_TRY(hg_agree(comm, status));
    if (comm->rank != 0) return HG_OK;
    if (as_json) {
        json_dumpf(value, hg_results(), JSON_INDENT(2) | JSON_REAL_PRECISION(12) | JSON_ENSURE_ASCII);
        hg_print("\n");
    } else {
        const char *key;
        json_t *entry;
        json_object_foreach(value, key, entry) print_entry(key, entry);
    }
    json_decref(value);
    return HG_OK;
}
