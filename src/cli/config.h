/** The options of all verbs. One table (config_table.h) defines them for the command line (argp), YAML files
 *  (libyaml), `--help`, and the configuration kept in checkpoints.
 */
#ifndef HG_CLI_CONFIG_H
#define HG_CLI_CONFIG_H

#include "base/status.h"
#include "base/types.h"
#include "forecast/outline.h"
#include "train/options.h"

enum { HG_MAX_OPTIONS = 144 };

/** Source of a value. A value from a later source in this list wins, in whatever order the sources are read. */
enum hg_config_level { HG_LEVEL_DEFAULT, HG_LEVEL_RECIPE, HG_LEVEL_FILE, HG_LEVEL_ARGS };

enum hg_verb {
    HG_VERB_IMPORT,
    HG_VERB_GENERATE,
    HG_VERB_INFO,
    HG_VERB_PARTITION,
    HG_VERB_TRAIN,
    HG_VERB_PLAN,
    HG_VERB_EVAL,
    HG_VERB_PREDICT,
    HG_VERB_EXPLAIN,
    HG_VERBS
};

/** Values of all options. Texts are owned by the configuration; NULL: not given. A shallow copy may be used while the
 *  original exists. */
struct hg_config {
    /** also has options that other verbs share: seed, random split, cells, partitioner, threads */
    struct hg_train_options train;
    /* arguments */
    const char *input; /**< SRC, KIND, graph.h5 or FILE */
    const char *out;   /**< -o FILE */
    /* import, generate */
    const char *format, *features, *labels, *targets, *train_mask, *val_mask, *test_mask, *names,
        *class_names, *columns, *task;
    bool undirected, keep_parallel, keep_double;
    int64_t num_nodes;       /**< --nodes of import; 0: the smallest number that the files allow */
    int64_t generated_nodes; /**< --nodes of generate */
    int64_t num_edges;       /**< --edges */
    int64_t num_features;    /**< --features of generate; that of import is the text `features` */
    int64_t num_classes;     /**< --classes */
    /* info, partition */
    bool check, cpu, json;
    struct hg_int_list ranks;             /**< --ranks 2,4,8 */
    bool compare_metis, estimate_sharing; /**< --estimate of partition */
    int64_t sharing_ranks;                /**< --ranks-per-node of partition */
    struct hg_int_list row_bytes;         /**< --row-bytes: of a row, and of a partial sum if it differs */
    /* train */
    const char *recipe, *config;
    bool quiet;
    /* plan: a graph that does not exist yet has the numbers of nodes, edges, features and classes above */
    int64_t planned_nodes;         /**< --nodes of plan; 0: not given */
    int64_t ranks_per_node, cores; /**< 0: by the machine */
    double memory_per_node;        /**< in GB; 0: not given */
    double latency, bandwidth;     /**< between nodes, in microseconds and GB/s; 0: as measured */
    struct hg_outline_assumed assumed;
    struct hg_int_list planned_ranks; /**< --ranks of plan; empty: 1, 2, 4, ... */
    const char *rates;
    bool estimate, measure, directed;
    bool memory_check; /**< train */
    /* eval, predict, explain */
    const char *checkpoint;
    bool per_class;                /**< eval */
    const char *text;              /**< predict --text FILE */
    struct hg_int_list nodes;      /**< explain --nodes; empty: all */
    uint8_t level[HG_MAX_OPTIONS]; /**< enum hg_config_level of each option's value */
    void *storage;                 /**< list of the texts */
};

/** Sets every option to its default. Local. */
void hg_config_defaults(struct hg_config *config);

/** Reads the options of a verb: defaults, recipe, YAML file of --config, command line; the later ones win. argv[0] is
 *  the verb's name; argv is permuted. Where a checkpoint is expected, the folder of a run means its best.h5. Fails
 *  with HG_USAGE when an option is unknown (the message suggests the most similar name), malformed or out of range,
 *  or when options do not fit each other. With --help, sets *help and checks nothing else. Call hg_config_destroy
 *  afterwards, also after a failure. Local: every rank reads the same. */
hg_status hg_config_parse(enum hg_verb verb, int argc, char **argv, struct hg_config *config, bool *help);

/** The help text of a verb: every option with its unit and default. *text is newly allocated; the caller frees it
 *  with hg_mem_free. Local. */
hg_status hg_config_help(enum hg_verb verb, char **text);

/** Merges the keys of a YAML text (options of `verb`, with _ for -), and the recipe that it may name, into `config`,
 *  which comes from hg_config_defaults or hg_config_parse. When the text has a mapping under the key `options`, like
 *  summary.json, only that mapping is read. Values from the command line stay. what: the file's name, for messages
 *  "what:line: why". Local. */
hg_status hg_config_read_yaml(enum hg_verb verb, const char *what, const char *text,
                              struct hg_config *config);

/** Merges the options that checkpoints keep (model, data, optimisation) from a checkpoint's YAML text into `config`;
 *  fails when they do not fit each other. Keys of other options, such as outputs or threads, are ignored whatever
 *  their value: a checkpoint must not decide where files are written. Unknown keys fail, because a newer program may
 *  have written them, and without them the model would be another one. Local. */
hg_status hg_config_read_checkpoint(const char *what, const char *text, struct hg_config *config);

/** Fails with HG_USAGE when options of `verb` are missing or do not fit each other. hg_config_parse calls it; after
 *  hg_config_read_yaml the caller must. Local. */
hg_status hg_config_check(enum hg_verb verb, const struct hg_config *config);

/** Checks the files that the options name, before they are used. Fails with HG_USAGE when an output is also an input
 *  or another output (compared by device and inode, not by name), and like hg_atomic_check when an output cannot be
 *  written. Called on one rank. Local. */
hg_status hg_config_check_files(enum hg_verb verb, const struct hg_config *config);

/** Writes the options of train that describe model, data and optimisation (no paths, no threads) as YAML, except
 *  those that have no value. Reading the text back gives the same values. *text is newly allocated; the caller frees
 *  it with hg_mem_free. Local. */
hg_status hg_config_write_yaml(const struct hg_train_options *options, char **text);

/** Fails with HG_USAGE, naming the first difference, when the options of train in `text`, which hg_config_write_yaml
 *  has made, differ from `options` in one that may not change when a run is resumed. what: the file that keeps the
 *  text. Local. */
hg_status hg_config_compare_yaml(const struct hg_train_options *options, const char *what, const char *text);

/** Finds a verb by its name. False when there is none; then *nearest is the most similar name, or NULL when none is
 *  similar. Local. */
bool hg_verb_parse(const char *name, enum hg_verb *verb, const char **nearest);

/** Name and one-line description of a verb. */
extern const char *const hg_verb_name[HG_VERBS];
extern const char *const hg_verb_help[HG_VERBS];

/** Frees the texts and zeroes the configuration. Does nothing to a zeroed one. Local. */
void hg_config_destroy(struct hg_config *config);

#endif
