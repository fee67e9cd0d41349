/* Names of the arrays in a data set: notes those that are not read. */
#include "io/import/import_arrays.h"
#include <stdio.h>
#include <string.h>

enum { LIST_BYTES = 512, SHOWN = 8 };

/* Names of arrays that are read. Lists of ids depend on which masks exist: see hg_import_reads_ids. */
static const char *const known[] = {"edge_index", "edge_attr",  "edge_weight", "x",        "x_shape",
                                    "x_indptr",   "x_indices",  "x_data",      "y",        "num_nodes",
                                    "graph_ptr",  "train_mask", "val_mask",    "test_mask"};

/* Usual names of such arrays that are not recognised, and the names under which they would be read. */
static const struct {
    const char *usual, *ours;
} hints[] = {
    {"feat", "x"},
    {"features", "x"},
    {"node_feat", "x"},
    {"node_features", "x"},
    {"label", "y"},
    {"labels", "y"},
    {"node_label", "y"},
    {"targets", "y"},
    {"edge_feat", "edge_attr"},
    {"edge_features", "edge_attr"},
    {"edge_weights", "edge_weight"},
    {"edges", "edge_index"},
    {"valid_mask", "val_mask"},
    {"batch", "graph_ptr"},
    {"ptr", "graph_ptr"},
};

/* A list of names that is being written. */
struct names {
    const struct hg_array_source *source; /* only names that are not read from it; NULL: all names */
    char text[LIST_BYTES];
    int64_t count;
};

static bool is_read(const struct hg_array_source *source, const char *name)
{
    const bool is_sparse = strncmp(name, "x_", 2) == 0;
    for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
        if (strcmp(known[k], name) ==
            0) /* not read when it is a group, or sparse features beside a dense x */
            return source->exists(source->handle, name) &&
                   !(is_sparse && source->exists(source->handle, "x"));
    return hg_import_reads_ids(source, name);
}

static void add_name(const char *name, void *context)
{
    struct names *names = context;
    const size_t used = strlen(names->text);
    const char *hint = NULL;
    if (names->source != NULL && is_read(names->source, name)) return;
    if (names->count++ >= SHOWN) return;
    for (size_t k = 0; k < sizeof hints / sizeof hints[0]; k++)
        if (strcmp(hints[k].usual, name) == 0) hint = hints[k].ours;
    snprintf(names->text + used, sizeof names->text - used, "%s%.40s%s%s%s", used > 0 ? ", " : "", name,
             hint != NULL ? " (rename it to " : "", hint != NULL ? hint : "", hint != NULL ? "?)" : "");
}

static hg_status list(const struct hg_array_source *source, struct names *names)
{
    HG_TRY(source->list(source->handle, add_name, names));
    const size_t used = strlen(names->text);
    if (names->count > SHOWN)
        snprintf(names->text + used, sizeof names->text - used, " and %lld more",
                 (long long)names->count - SHOWN);
    return HG_OK;
}

hg_status hg_import_note_unread(struct hg_import *import, const struct hg_array_source *source)
{
    struct names names = {.source = source};
    HG_TRY(list(source, &names));
    if (names.count > 0) hg_note(import->options->notes, source->path, "not read: %s", names.text);
    return HG_OK;
}

hg_status hg_import_no_edges(const struct hg_array_source *source)
{
    struct names names = {0};
    HG_TRY(list(source, &names));
    return hg_fail(HG_FAILED, source->path, "no edge_index at the root: not a PyG-style data set (it has %s)",
                   names.count > 0 ? names.text : "nothing");
}
