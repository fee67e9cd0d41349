/** Every option of every verb: one table (config_table.h) feeds the command line (argp), YAML files
 * (libyaml), `--help` and the configuration kept in checkpoints.
 */
#ifndef HG_CLI_CONFIG_H
#define HG_CLI_CONFIG_H

#include "base/status.h"
#include "base/types.h"
#include "train/options.h"

enum { HG_MAX_OPTIONS = 96 };

/** Where a value came from: a later one wins, whatever the order in which they are read. */
enum hg_config_level { HG_LEVEL_DEFAULT, HG_LEVEL_RECIPE, HG_LEVEL_FILE, HG_LEVEL_ARGS };

enum hg_verb {
    HG_VERB_IMPORT,
    HG_VERB_GENERATE,
    HG_VERB_INFO,
    HG_VERB_PARTITION,
    HG_VERB_TRAIN,
    HG_VERB_EVAL,
    HG_VERB_PREDICT,
    HG_VERB_EXPLAIN,
    HG_VERBS
};

/** Values of all options. Texts are owned by the configuration, NULL when not given. A shallow copy is fine while the
 * original lives. */
struct hg_config {
    struct hg_train_options
        train; /**< also what other verbs share with it: seed, random split, cells, partitioner, threads */
    /* arguments */
    const char *input; /**< SRC, KIND, graph.h5 or FILE */
    const char *out;   /**< -o FILE */
    /* import, generate */
    const char *format, *features, *labels, *targets, *train_mask, *val_mask, *test_mask, *names,
        *class_names, *columns, *task;
    bool undirected, keep_parallel, keep_double;
    int64_t num_nodes;       /**< --nodes of import; 0: as many as needed */
    int64_t generated_nodes; /**< --nodes of generate */
    int64_t num_edges;       /**< --edges */
    int64_t num_features;    /**< --features of generate; import's is the text `features` */
    int64_t num_classes;     /**< --classes */
    /* info, partition */
    bool check, cpu, json;
    struct hg_int_list ranks; /**< --ranks 2,4,8 */
    bool compare_metis;
    /* train */
    const char *recipe, *config;
    bool quiet;
    /* eval, predict, explain */
    const char *checkpoint;
    const char *text;              /**< predict --text FILE */
    struct hg_int_list nodes;      /**< explain --nodes; empty: all */
    uint8_t level[HG_MAX_OPTIONS]; /**< enum hg_config_level of each option's value */
    void *storage;                 /**< the texts */
};

/** Defaults of every option. Local. */
void hg_config_defaults(struct hg_config *config);

/** Reads the arguments of a verb: defaults, then the recipe, then the YAML file of --config, then the command
 * line. argv[0] is the verb's name; argv is permuted. The folder of a run stands for its best.h5 where a checkpoint is
 * wanted. HG_USAGE with one line (and the nearest known name for an unknown one) when anything is wrong: unknown,
 * malformed, out of range, inconsistent (lists that do not fit). *help is set, and nothing else checked, when --help
 * was asked for. hg_config_destroy afterwards, also when it failed. Local: every rank reads the same. */
hg_status hg_config_parse(enum hg_verb verb, int argc, char **argv, struct hg_config *config, bool *help);

/** The help text of a verb: every option with its default and unit; newly allocated, the caller frees with
 * hg_mem_free. Local. */
hg_status hg_config_help(enum hg_verb verb, char **text);

/** Merges keys of a YAML text (the options of `verb` with _ for -), and the recipe it may name, into `config`
 * (from hg_config_defaults or hg_config_parse); of a mapping that has a mapping under `options`, as summary.json, that
 * one alone. What the command line gave stays. what: the file's name, for messages "what:line: why". Local. */
hg_status hg_config_read_yaml(enum hg_verb verb, const char *what, const char *text,
                              struct hg_config *config);

/** Merges the options that a checkpoint keeps (model, data, optimisation) from its YAML text into `config`, and
 * fails when they do not fit each other. Keys of other options, which say where to write or how to run, are
 * passed over whatever their value: a checkpoint is data, not a command line. Keys of no option fail: a newer
 * program's model would be read as another one. Local. */
hg_status hg_config_read_checkpoint(const char *what, const char *text, struct hg_config *config);

/** Fails with HG_USAGE when options of `verb` are missing or do not fit each other: hg_config_parse calls it;
 * after hg_config_read_yaml it is the caller's to call. Local. */
hg_status hg_config_check(enum hg_verb verb, const struct hg_config *config);

/** Looks at the files that the options name, before the work: fails with HG_USAGE when one that is written is also
 * read, or written twice (by device and inode, whatever it is called), and as hg_atomic_check when it cannot be
 * written. For one rank. Local. */
hg_status hg_config_check_files(enum hg_verb verb, const struct hg_config *config);

/** The options of train that describe model, data and optimisation (no paths, no output, no threads), as
 * YAML, those without a value left out; newly allocated, the caller frees with hg_mem_free. Reading it back gives the
 * same values. Local. */
hg_status hg_config_write_yaml(const struct hg_train_options *options, char **text);

/** Verb by name; false when unknown (then *nearest is the closest verb's name, or NULL when none is close).
 * Local. */
bool hg_verb_parse(const char *name, enum hg_verb *verb, const char **nearest);

/** Name and one-line description of a verb. */
extern const char *const hg_verb_name[HG_VERBS];
extern const char *const hg_verb_help[HG_VERBS];

/** Frees the texts; safe on a zeroed or destroyed configuration. Local. */
void hg_config_destroy(struct hg_config *config);

#endif
