/** The table of options, and what the files config_*.c share. Not installed: config.h is the interface. */
#ifndef HG_CLI_CONFIG_TABLE_H
#define HG_CLI_CONFIG_TABLE_H

#include "cli/config.h"
#include <stdio.h>

/** What a value looks like. The text of a value is the same on the command line, in YAML and in the table's
 * defaults. */
enum hg_option_type {
    HG_OPTION_FLAG,   /**< bool; --name */
    HG_OPTION_SWITCH, /**< bool; --name or --no-name */
    HG_OPTION_INT,    /**< int64_t; the word choices[0], if there is one, means -1 */
    HG_OPTION_REAL,   /**< double */
    HG_OPTION_TEXT,   /**< const char *; one of `choices` if there are any */
    HG_OPTION_CHOICE, /**< an enum, as long as an int: the place in `choices` */
    HG_OPTION_LIST,   /**< struct hg_int_list: 8,1 */
    HG_OPTION_SHARES, /**< two doubles, one after the other: TRAIN,VAL */
    HG_OPTION_TYPES
};

/** How far an option goes beyond the command line. */
enum hg_option_reach { HG_ARGS_ONLY, HG_IN_FILES, HG_IN_CHECKPOINTS /**< and in files */ };

/** What becomes of the file or folder that an option names (config_files.c keeps them apart). */
enum hg_option_file {
    HG_FILE_NONE,       /**< the value is no name of a file */
    HG_FILE_READ,       /**< must outlive the work */
    HG_FILE_READ_FIRST, /**< read whole before anything is written */
    HG_FILE_WRITTEN,
    HG_FOLDER_WRITTEN /**< a run's folder */
};

struct hg_option_range {
    double min, max; /**< both 0: any value */
    bool min_open, max_open;
};

struct hg_option {
    const char *name;  /**< without dashes: "attn-dropout" */
    const char *alias; /**< a second name, or NULL */
    int letter;        /**< one-letter key, or 0 */
    enum hg_option_type type;
    size_t offset;        /**< of the value in struct hg_config */
    const char *fallback; /**< default as text; NULL: not given */
    struct hg_option_range range;
    const char *const *choices;
    int num_choices;
    const char *unit; /**< what the value counts or names: "EPOCHS", "FILE" */
    const char *help;
    unsigned verbs;    /**< bit v: an option of verb v */
    unsigned required; /**< bit v: verb v needs it */
    enum hg_option_reach reach;
    enum hg_option_file file;
};

extern const struct hg_option hg_options[];
extern const int hg_num_options;

/** What the argument of each verb is called, and is. */
extern const char *const hg_verb_argument[HG_VERBS];
extern const char *const hg_verb_argument_help[HG_VERBS];

/** A command line to start from. */
extern const char *const hg_verb_example[HG_VERBS];

/** Values that a recipe sets, by option name. */
struct hg_recipe_value {
    const char *recipe, *option, *value;
};
extern const struct hg_recipe_value hg_recipe_values[];
extern const int hg_num_recipe_values;

/** Names that users try, and the options that they mean: for suggestions only. */
struct hg_option_hint {
    const char *tried, *option;
};
extern const struct hg_option_hint hg_option_hints[];
extern const int hg_num_option_hints;

/** Options that users expect and no verb needs, and what to do instead. */
struct hg_option_advice {
    const char *tried, *advice;
};
extern const struct hg_option_advice hg_option_advice[];
extern const int hg_num_option_advice;

/** The option of `verb` whose name or alias is the first `length` bytes of `name`; NULL when there is none.
 * With negated != NULL also --no-NAME of switches, told by *negated. Local. */
const struct hg_option *hg_option_find(enum hg_verb verb, const char *name, size_t length, bool *negated);

/** The name nearest to `name` among the options of `verb` that go at least to `reach`; NULL when none is
 * close. Local. */
const char *hg_option_nearest(enum hg_verb verb, enum hg_option_reach reach, const char *name);

/** The first option that `verb` needs and config does not have; NULL when there is none. Local. */
const struct hg_option *hg_option_missing(enum hg_verb verb, const struct hg_config *config);

/** Whether `option` belongs to `verb`. */
static inline bool hg_option_of(const struct hg_option *option, enum hg_verb verb)
{
    return (option->verbs >> verb & 1u) != 0;
}

/** Sets an option from text unless a value of a higher level is there; checks type, range and choices in any
 * case. what: the option as the user wrote it ("--lr", "run.yaml:3: lr"), for messages. Local. */
hg_status hg_config_set(struct hg_config *config, const struct hg_option *option, enum hg_config_level level,
                        const char *what, const char *text);

/** Reads text into the option's field of config, owning texts: the part of hg_config_set without levels.
 * Local. */
hg_status hg_option_read(const struct hg_option *option, const char *what, const char *text,
                         struct hg_config *config);

/** What lists of numbers are made of, by whoever writes them. */
#define HG_LIST_SEPARATORS " \t,;[](){}x"
#define HG_LIST_CHARACTERS "0123456789." HG_LIST_SEPARATORS

/** Numbers with blanks, brackets or other signs between them as the program writes lists: "[8, 8] 1" becomes "8,8,1".
 * False, and list is undefined, when there is something else in text, no number, or no room. Local. */
bool hg_list_respell(const char *text, char *list, size_t size);

/** Fails because text is no value of a list option, and says how the list is written where that can be guessed.
 *  Local. */
hg_status hg_option_fail_list(const struct hg_option *option, const char *what, const char *text);

/** Writes an option's value as YAML; a text as it is, and nothing for one (or shares) that were not given. Local. */
void hg_option_write(const struct hg_option *option, const struct hg_config *config, FILE *file);

/** A copy of `text` that lives as long as config; NULL when out of memory. Local. */
const char *hg_config_keep(struct hg_config *config, const char *text);

/** Sets what the recipe of config->recipe says, at level HG_LEVEL_RECIPE. Local. */
hg_status hg_config_apply_recipe(struct hg_config *config);

/** Whether --heads, which tells the depth, has at most HG_MODEL_LAYERS entries, and --hidden one width, or one for each
 * layer but the last. Local. */
bool hg_config_layers_fit(const struct hg_config *config);

/** Where *file is a folder, which means the file `name` in it, puts that file there; fails when there is none.
 *  Local. */
hg_status hg_config_resolve_folder(struct hg_config *config, const char **file, const char *name);

/** Puts DIR/best.h5 where a checkpoint is wanted and the folder of a run is given; the argument becomes the graph of
 *  the data. Local. */
hg_status hg_config_resolve(enum hg_verb verb, struct hg_config *config);

/** Parses the command line at level HG_LEVEL_ARGS. Local. */
hg_status hg_config_read_args(enum hg_verb verb, int argc, char **argv, struct hg_config *config, bool *help);

/** Text written to a stream in memory, at most 64 KiB, in a block of hg_mem_alloc that end hands over. Local.
 */
struct hg_text_stream {
    FILE *file;
    char *text;
};
hg_status hg_text_stream_begin(struct hg_text_stream *stream);
hg_status hg_text_stream_end(struct hg_text_stream *stream, char **text);

#endif
