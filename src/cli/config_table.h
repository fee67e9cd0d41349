/** The table of options, and what the config_*.c files share. The interface for others is config.h. */
#ifndef HG_CLI_CONFIG_TABLE_H
#define HG_CLI_CONFIG_TABLE_H

#include "cli/config.h"
#include <stdio.h>

/** Types of values. A value has the same text on the command line, in YAML and in the table's defaults. */
enum hg_option_type {
    HG_OPTION_FLAG,   /**< bool; --name */
    HG_OPTION_SWITCH, /**< bool; --name or --no-name */
    HG_OPTION_INT,    /**< int64_t; the word choices[0], if given, means -1 */
    HG_OPTION_REAL,   /**< double */
    HG_OPTION_TEXT,   /**< const char *; one of `choices` if there are any */
    HG_OPTION_CHOICE, /**< an enum of the size of an int: index in `choices` */
    HG_OPTION_LIST,   /**< struct hg_int_list: 8,1 */
    HG_OPTION_SHARES, /**< two doubles, one after the other: TRAIN,VAL */
    HG_OPTION_TYPES
};

/** Where an option may occur: on the command line only; also in YAML files; also in checkpoints. */
enum hg_option_reach { HG_ARGS_ONLY, HG_IN_FILES, HG_IN_CHECKPOINTS };

/** How the file or folder that an option names is used (config_files.c checks that outputs replace no inputs). */
enum hg_option_file {
    HG_FILE_NONE,       /**< the value is not a path */
    HG_FILE_READ,       /**< read at any time: must not be replaced */
    HG_FILE_READ_FIRST, /**< read completely before results are written */
    HG_FILE_WRITTEN,
    HG_FOLDER_WRITTEN /**< the folder of a run */
};

struct hg_option_range {
    double min, max;         /**< both 0: any value */
    bool min_open, max_open; /**< the bound itself is excluded */
};

struct hg_option {
    const char *name;  /**< without dashes: "attn-dropout" */
    const char *alias; /**< a second name, or NULL */
    int letter;        /**< one-letter key, or 0 */
    enum hg_option_type type;
    size_t offset; /**< of the value in struct hg_config */
    /** HG_OPTION_CHOICE: of the path (const char *) that is given with a choice like `file:PARTS`; 0: no such choice */
    size_t path_offset;
    const char *fallback; /**< default as text; NULL: not given */
    struct hg_option_range range;
    const char *const *choices;
    int num_choices;
    const char *unit; /**< what the value counts or names: "EPOCHS", "FILE" */
    const char *help;
    unsigned verbs;    /**< bit v: verb v has the option */
    unsigned required; /**< bit v: verb v requires it */
    enum hg_option_reach reach;
    enum hg_option_file file;
    bool changes; /**< kept in checkpoints, but may change when a run is resumed */
};

extern const struct hg_option hg_options[];
extern const int hg_num_options;

/** Name and description of each verb's argument. */
extern const char *const hg_verb_argument[HG_VERBS];
extern const char *const hg_verb_argument_help[HG_VERBS];

/** An example of a command line for each verb. */
extern const char *const hg_verb_example[HG_VERBS];

/** Values that a recipe sets, by option name. */
struct hg_recipe_value {
    const char *recipe, *option, *value;
};
extern const struct hg_recipe_value hg_recipe_values[];
extern const int hg_num_recipe_values;

/** Names of options in other programs, and the options that they correspond to; for suggestions only. */
struct hg_option_hint {
    const char *tried, *option;
};
extern const struct hg_option_hint hg_option_hints[];
extern const int hg_num_option_hints;

/** Options that users may expect but that do not exist, and what to do instead. */
struct hg_option_advice {
    const char *tried, *advice;
};
extern const struct hg_option_advice hg_option_advice[];
extern const int hg_num_option_advice;

/** The option of `verb` whose name or alias is the first `length` bytes of `name`; NULL: none. With negated != NULL
 *  also finds no-NAME of a switch, and then sets *negated. Local. */
const struct hg_option *hg_option_find(enum hg_verb verb, const char *name, size_t length, bool *negated);

/** The name most similar to `name` among the options of `verb` with at least this reach; NULL when none is similar.
 *  Local. */
const char *hg_option_nearest(enum hg_verb verb, enum hg_option_reach reach, const char *name);

/** The first option that `verb` requires and config does not have; NULL: none. Local. */
const struct hg_option *hg_option_missing(enum hg_verb verb, const struct hg_config *config);

/** Whether `option` belongs to `verb`. */
static inline bool hg_option_of(const struct hg_option *option, enum hg_verb verb)
{
    return (option->verbs >> verb & 1u) != 0;
}

/** Sets an option from text unless it has a value of a higher level. Checks type, range and choices in any case.
 *  what: the option as the user wrote it ("--lr", "run.yaml:3: lr"), for messages. Local. */
hg_status hg_config_set(struct hg_config *config, const struct hg_option *option, enum hg_config_level level,
                        const char *what, const char *text);

/** Parses text into the option's field of config, without regard to levels. config owns a copy of texts. Local. */
hg_status hg_option_read(const struct hg_option *option, const char *what, const char *text,
                         struct hg_config *config);

/** Characters in lists of numbers, in the notations that users may try. */
#define HG_LIST_SEPARATORS " \t,;[](){}x"
#define HG_LIST_CHARACTERS "0123456789." HG_LIST_SEPARATORS

/** Converts numbers with blanks, brackets or other separators between them to the program's notation: "[8, 8] 1" ->
 *  "8,8,1". False, with `list` undefined, when text has anything else, has no number, or is too long. Local. */
bool hg_list_respell(const char *text, char *list, size_t size);

/** Always fails: text is not a valid list. The message shows the correct notation when it can be guessed. Local. */
hg_status hg_option_fail_list(const struct hg_option *option, const char *what, const char *text);

/** Writes an option's value as YAML; texts are not quoted. Writes nothing for a text or shares that are not given.
 *  Local. */
void hg_option_write(const struct hg_option *option, const struct hg_config *config, FILE *file);

/** A copy of `text` that lives as long as config; NULL when out of memory. Local. */
const char *hg_config_keep(struct hg_config *config, const char *text);

/** Sets the options of the recipe config->recipe (NULL: none), at level HG_LEVEL_RECIPE. Local. */
hg_status hg_config_apply_recipe(struct hg_config *config);

/** Whether --heads, which has one entry per layer, has at most HG_MODEL_LAYERS of them, and --hidden has one entry,
 *  or one for each layer but the last. Local. */
bool hg_config_layers_fit(const struct hg_config *config);

/** When *file is a folder, replaces it by the path of the file `name` in it; fails when there is no such file.
 *  Local. */
hg_status hg_config_resolve_folder(struct hg_config *config, const char **file, const char *name);

/** Replaces the folder of a run by its best.h5 where a checkpoint is expected, and sets the graph of the data options
 *  to the verb's argument. Local. */
hg_status hg_config_resolve(enum hg_verb verb, struct hg_config *config);

/** Parses the command line at level HG_LEVEL_ARGS. Local. */
hg_status hg_config_read_args(enum hg_verb verb, int argc, char **argv, struct hg_config *config, bool *help);

/** A stream that writes up to 64 KiB of text to memory. hg_text_stream_end closes it and passes the text to the
 *  caller, who frees it with hg_mem_free. Local. */
struct hg_text_stream {
    FILE *file;
    char *text;
};
hg_status hg_text_stream_begin(struct hg_text_stream *stream);
hg_status hg_text_stream_end(struct hg_text_stream *stream, char **text);

#endif
