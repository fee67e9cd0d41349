/* Options: the table, the command line, YAML, help. */
#include "testing.h"

#include "base/printable.h"
#include "cli/config_table.h"
#include "cli/did_you_mean.h"
#include "partition/partitioner.h"
#include <assert.h>
#include <unistd.h>

enum { MOST_WORDS = 24 };

/* Parses "VERB WORD..." split at blanks; a word '' is the empty text. */
static hg_status parse(const char *line, struct hg_config *config, bool *help)
{
    char copy[512], *words[MOST_WORDS + 1] = {0}, *rest = NULL;
    int count = 0;
    enum hg_verb verb;
    const char *nearest = NULL;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < MOST_WORDS);
        words[count++] = strcmp(word, "''") == 0 ? word + 2 : word;
    }
    assert_true(hg_verb_parse(words[0], &verb, &nearest));
    return hg_config_parse(verb, count, words, config, help);
}

static void parse_good(const char *line, struct hg_config *config)
{
    bool help = false;
    if (parse(line, config, &help) != HG_OK) fail_msg("%s: %s", line, hg_status_message());
    assert_false(help);
}

/* Whether the recorded failure is exactly `message`; clears it. */
static bool failed_with(hg_status status, const char *input, const char *message)
{
    const bool same = status == HG_USAGE && strcmp(hg_status_message(), message) == 0;
    if (!same) print_error("%s\n    gives \"%s\"\n    not   \"%s\"\n", input, hg_status_message(), message);
    hg_status_clear();
    return same;
}

static bool is_refused(const char *line, const char *message)
{
    struct hg_config config;
    bool help = false;
    const bool same = failed_with(parse(line, &config, &help), line, message);
    hg_config_destroy(&config);
    return same;
}

static void test_table_is_complete(void **state)
{
    (void)state;
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        struct hg_config config = {0};
        assert_non_null(o->help);
        assert_true(o->verbs != 0 && (o->required & ~o->verbs) == 0);
        assert_true(o->fallback != NULL || o->type == HG_OPTION_TEXT || o->type == HG_OPTION_SHARES ||
                    o->type == HG_OPTION_LIST);
        assert_true(o->unit != NULL || o->num_choices > 0 || o->type <= HG_OPTION_SWITCH);
        /* a file that the table does not mark as an output could be overwritten */
        const bool named = o->unit != NULL && (strcmp(o->unit, "FILE") == 0 || strcmp(o->unit, "DIR") == 0);
        assert_true(!named || o->type == HG_OPTION_TEXT);
        assert_true((named || o->path_offset != 0) == (o->file != HG_FILE_NONE));
        if (o->fallback != NULL) assert_ok(hg_option_read(o, o->name, o->fallback, &config));
        /* texts cannot be written to checkpoints */
        assert_true(o->reach < HG_IN_CHECKPOINTS || o->type != HG_OPTION_TEXT);
        hg_config_destroy(&config);
    }
}

static void test_names_are_unique(void **state)
{
    (void)state;
    for (int a = 0; a < hg_num_options; a++) {
        for (int b = a + 1; b < hg_num_options; b++) {
            if ((hg_options[a].verbs & hg_options[b].verbs) == 0) continue;
            assert_string_not_equal(hg_options[a].name, hg_options[b].name);
        }
    }
}

static void test_names_lead_somewhere(void **state)
{
    (void)state;
    for (int k = 0; k < hg_num_recipe_values; k++) {
        const char *name = hg_recipe_values[k].option;
        assert_non_null(hg_option_find(HG_VERB_TRAIN, name, strlen(name), NULL));
    }
    for (int k = 0; k < hg_num_option_hints; k++) {
        bool found = false;
        const char *name = hg_option_hints[k].option;
        for (int v = 0; v < HG_VERBS; v++)
            found |= hg_option_find((enum hg_verb)v, name, strlen(name), NULL) != NULL;
        assert_true(found);
    }
}

static void test_defaults(void **state)
{
    struct hg_config c;
    (void)state;
    parse_good("train g.h5 --out D", &c);
    assert_string_equal(c.input, "g.h5");
    assert_string_equal(c.train.out, "D");
    assert_null(c.out);
    assert_true(c.train.model.heads.count == 2 && c.train.model.heads.value[0] == 4 &&
                c.train.model.heads.value[1] == 1);
    assert_true(c.train.model.hidden.count == 1 && c.train.model.hidden.value[0] == 32);
    assert_true(c.train.model.concat && c.train.model.bias && c.train.data.self_loops &&
                c.train.data.edge_features);
    assert_false(c.train.model.residual || c.train.data.standardize_targets || c.train.overwrite || c.quiet ||
                 c.json);
    assert_true(c.train.model.dropout == 0 && c.train.model.attn_dropout == 0 &&
                c.train.model.negative_slope == 0.2 && c.train.optim.lr == 0.005);
    assert_true(c.train.optim.weight_decay == 0 && c.train.epochs == 200 && c.train.patience == 0 &&
                c.train.eval_every == 1 && c.train.seed == 0);
    assert_true(c.train.runs == 1 && c.train.data.split == 0 && c.train.threads == 0 &&
                c.train.data.cells == 0);
    assert_int_equal(c.train.model.activation, HG_ELU);
    assert_int_equal(c.train.data.normalize_features, HG_NORMALIZE_NONE);
    assert_int_equal(c.train.optim.kind, HG_ADAM);
    assert_int_equal(c.train.monitor, HG_MONITOR_VAL_METRIC);
    assert_int_equal(c.train.metric, HG_METRIC_AUTO);
    assert_int_equal(c.train.data.partitioner, HG_PARTITION_AUTO);
    assert_true(c.train.init == NULL && c.checkpoint == NULL && c.recipe == NULL && c.config == NULL);
    hg_config_destroy(&c);
}

static void option_text(const struct hg_option *option, const struct hg_config *config, char *text,
                        size_t size)
{
    FILE *file = fmemopen(text, size, "w");
    assert_non_null(file);
    hg_option_write(option, config, file);
    assert_int_equal(fclose(file), 0);
}

/* The table's defaults are the defaults of the library's option structs, and the options that checkpoints store are
 * among them. */
static void test_options_of_training(void **state)
{
    struct hg_config table, library = {.train = hg_train_options_default()};
    static_assert(offsetof(struct hg_config, train) == 0, "its fields are told by their offset");
    int compared = 0;
    (void)state;
    hg_config_defaults(&table);
    memset(&table.train, 1, sizeof table.train);
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        char one[256] = "", other[256] = "";
        const bool of_train = o->offset < sizeof library.train;
        assert_true(of_train || o->reach != HG_IN_CHECKPOINTS);
        if (!of_train || o->type == HG_OPTION_TEXT || o->type == HG_OPTION_SHARES) continue;
        assert_ok(hg_option_read(o, o->name, o->fallback, &table));
        option_text(o, &table, one, sizeof one);
        option_text(o, &library, other, sizeof other);
        assert_string_equal(one, other);
        compared++;
    }
    assert_true(compared > 25);
}

static void test_train_line(void **state)
{
    struct hg_config c;
    (void)state;
    parse_good("train --heads 4,4,6 g.h5 --hidden=8,5 -o D --no-concat --no-bias --residual --no-self-loops "
               "--no-edge-features --feat-drop .5 --attn-drop 6e-1 --lr 1",
               &c);
    assert_true(c.train.model.heads.count == 3 && c.train.model.heads.value[2] == 6 &&
                c.train.model.hidden.count == 2 && c.train.model.hidden.value[1] == 5);
    assert_true(!c.train.model.concat && !c.train.model.bias && c.train.model.residual &&
                !c.train.data.self_loops && !c.train.data.edge_features);
    assert_true(c.train.model.dropout == 0.5 && c.train.model.attn_dropout == 0.6 && c.train.optim.lr == 1);
    hg_config_destroy(&c);
    parse_good(
        "train g.h5 --out D --split all --seed 7 --seed 9 --metric r2 --monitor both --activation none "
        "--concat --no-concat --normalize-features standard --optimizer sgd --partitioner random",
        &c);
    assert_true(c.train.data.split == -1 && c.train.seed == 9 && !c.train.model.concat);
    assert_int_equal(c.train.metric, HG_METRIC_R2);
    assert_int_equal(c.train.monitor, HG_MONITOR_BOTH);
    assert_int_equal(c.train.model.activation, HG_IDENTITY);
    assert_int_equal(c.train.data.normalize_features, HG_NORMALIZE_STANDARD);
    assert_int_equal(c.train.optim.kind, HG_SGD);
    assert_int_equal(c.train.data.partitioner, HG_PARTITION_RANDOM);
    hg_config_destroy(&c);
}

static void test_other_lines(void **state)
{
    struct hg_config c;
    (void)state;
    parse_good("import edges.tsv -o g.h5 --format text --undirected --features x.mtx --split-random 0.7,0.3",
               &c);
    assert_string_equal(c.features, "x.mtx");
    assert_true(c.undirected && c.num_nodes == 0 && c.train.data.split_train == 0.7 &&
                c.train.data.split_val == 0.3);
    hg_config_destroy(&c);
    parse_good("generate sbm -o g.h5 --features 3 --classes 2", &c);
    assert_true(c.generated_nodes == 1000 && c.num_features == 3 && c.num_classes == 2 &&
                c.train.data.split_train < 0);
    assert_null(c.features);
    hg_config_destroy(&c);
    parse_good("explain g.h5 --checkpoint best.h5 -o a.h5 --nodes 1,5,9", &c);
    assert_true(c.nodes.count == 3 && c.nodes.value[2] == 9);
    assert_string_equal(c.checkpoint, "best.h5");
    hg_config_destroy(&c);
    parse_good("partition g.h5 -oc.h5 --ranks 3 --json -- ", &c);
    assert_true(c.ranks.count == 1 && c.ranks.value[0] == 3 && c.json);
    assert_string_equal(c.out, "c.h5");
    hg_config_destroy(&c);
}

static const struct {
    const char *line, *message;
} refused[] = {
    {"train g --out D --lerning-rate 1", "--lerning-rate: unknown option (did you mean --lr?)"},
    {"train g --out D --epoch=3", "--epoch: unknown option (did you mean --epochs?)"},
    {"train g --out D --norm layer", "--norm: unknown option (did you mean --normalize-features?)"},
    {"train g --out D --schedule cosine", "--schedule: unknown option (see halogat train --help)"},
    {"train g --out D --no-lr", "--no-lr: unknown option (see halogat train --help)"},
    {"train g --out D --ranks 2", "--ranks: no option of train: mpirun -n P starts P ranks"},
    {"train g --out D -z", "-z: unknown option (see halogat train --help)"},
    {"train g --out D -zq", "-zq: unknown option (see halogat train --help)"},
    {"train g --out D --concat=yes", "--concat=yes: takes no value: write --concat or --no-concat"},
    {"train g --out", "--out: needs a value: DIR"},
    {"train g -o", "-o: needs a value: DIR"},
    {"train g --out ''", "--out: is empty"},
    {"train --out D", "argument graph.h5: missing: graph file; ordered into cells in memory when it is not"},
    {"train g h --out D", "h: unexpected argument after g"},
    {"train g D", "D: unexpected argument after g (--out D?)"},
    {"eval g run", "run: unexpected argument after g (--checkpoint run?)"},
    {"import s g.h5", "g.h5: unexpected argument after s (--out g.h5?)"},
    {"train g -- --out D", "--out: unexpected argument after g"},
    {"train g", "--out: missing: folder of the run: metrics, summary, checkpoints"},
    {"train g --out D --dropout 1", "--dropout: must be in [0, 1), not 1"},
    {"train g --out D --attn-drop -0.1", "--attn-dropout: must be in [0, 1), not -0.1"},
    {"train g --out D --lr 0", "--lr: must be above 0, not 0"},
    {"train g --out D --lr nan", "--lr: \"nan\" is not a number"},
    {"train g --out D --lr 0x1p-3", "--lr: \"0x1p-3\" is not a number"},
    {"train g --out D --lr 1e-3x", "--lr: \"1e-3x\" is not a number"},
    {"train g --out D --epochs -1", "--epochs: must be in [0, 1073741824], not -1"},
    {"train g --out D --epochs 1.5", "--epochs: \"1.5\" is not a whole number"},
    {"train g --out D --threads -1", "--threads: must be in [0, 4096], not -1"},
    {"train g --out D --seed 9223372036854775808",
     "--seed: 9223372036854775808 is too large: at most 9223372036854775807"},
    {"train g --out D --seed 9223372036854775807 --runs 2",
     "--seed: 9223372036854775807 leaves no seeds for --runs 2"},
    {"train g --out D --split some", "--split: \"some\" is not a whole number or all"},
    {"train g --out D --heads 8,,1", "--heads: \"8,,1\" is not a list of whole numbers like 8,1"},
    {"train g --out D --heads 8,1,", "--heads: \"8,1,\" is not a list of whole numbers like 8,1"},
    {"train g --out D --heads 8,0", "--heads: must be in [1, 256], not 8,0"},
    {"train g --out D --heads 8,1 --hidden 8,5",
     "--hidden: 8,5 gives 2 widths but --heads 8,1 has 1 hidden layer"},
    {"train g --out D --heads 1,1,1 --hidden 1,2,3",
     "--hidden: 1,2,3 gives 3 widths but --heads 1,1,1 has 2 hidden layers"},
    {"train g --out D --model gcn", "--model: must be gat, not \"gcn\""},
    {"train g --out D --normalize-features rows",
     "--normalize-features: must be one of none, row, standard, not \"rows\" (did you mean row?)"},
    {"train g --out D --recipe gat", "--recipe: must be gat-cora, not \"gat\""},
    {"train g --out D --config /nowhere/x.yaml", "/nowhere/x.yaml: No such file or directory"},
    {"train g --out D --config /", "/: is a folder without summary.json"},
    {"import s", "-o: missing: file to write; an old one is replaced"},
    {"import s -o g --split-random 0.6,0.5",
     "--split-random: shares must be above 0 and add up to at most 1, not 0.6,0.5"},
    {"import s -o g --split-random 0.6", "--split-random: \"0.6\" is not two shares like 0.6,0.2"},
    {"import s -o g --split-random .1,.1,.1", "--split-random: \".1,.1,.1\" is not two shares like 0.6,0.2"},
    {"import s -o g --task regresion", "--task: must be one of single-label, multi-label, regression, not "
                                       "\"regresion\" (did you mean regression?)"},
    {"import s -o g --labels a --targets b", "--targets: cannot be together with --labels"},
    {"generate sbn -o g", "sbn: KIND must be rmat, sbm or grid (did you mean sbm?)"},
    {"generate tree -o g", "tree: KIND must be rmat, sbm or grid"},
    {"eval g", "--checkpoint: missing: trained parameters: a checkpoint, or the folder of a run, whose "
               "best.h5 is taken"},
    {"explain g --checkpoint f -o a --nodes -1", "--nodes: must be at least 0, not -1"},
    {"info f --quiet",
     "--quiet: no option of info, but of import, generate, partition, train, plan, eval, predict, explain"},
    {"train g --out D --undirected", "--undirected: no option of train, but of import"},
    {"eval g --checkpoint f --heads 8", "--heads: no option of eval: it comes from the checkpoint"},
    /* names that are similar are suggested, others are not */
    {"train g --out D --device cuda", "--device: no option of train: it computes on CPUs"},
    {"train g --out D --devise 0", "--devise: unknown option (see halogat train --help)"},
    {"train g --out D --momentum 0.9", "--momentum: unknown option (see halogat train --help)"},
    {"train g --out D --num_layers 3",
     "--num_layers: no option of train: the entries of --heads are the layers, as in --heads 8,8,1"},
    {"train g --out D --Batch_Size 3",
     "--Batch_Size: no option of train: it trains on the whole graph at once"},
    {"train g --out D --dim 8", "--dim: unknown option (see halogat train --help)"},
    {"train g --out D --log x", "--log: unknown option (see halogat train --help)"},
    {"train g --out D --head 8", "--head: unknown option (did you mean --heads?)"},
    {"train g --out D --hidden-size 8", "--hidden-size: unknown option (did you mean --hidden?)"},
    {"train g --out D --attn_dropout 0.5", "--attn_dropout: unknown option (did you mean --attn-dropout?)"},
    {"train g --out D --Learning-Rate 1", "--Learning-Rate: unknown option (did you mean --lr?)"},
    {"train g --out D -heads 8,1", "-heads: unknown option (did you mean --heads?)"},
    {"train g -out D", "-out: unknown option (did you mean --out?)"},
    {"import s -o=g", "-o=g: write -o g"},
    /* lists */
    {"train g --out D --heads 8 8 1", "--heads: a list is written with commas: --heads 8,8,1"},
    {"train --heads 8 1 g --out D", "--heads: a list is written with commas: --heads 8,1"},
    {"train g --out D --heads=8, 8", "--heads: a list is written with commas: --heads 8,8"},
    {"train g --out D --heads [8, 8]", "--heads: a list is written with commas: --heads 8,8"},
    {"train g --out D --heads [8,1]", "--heads: a list is written with commas: --heads 8,1"},
    {"train g --out D --heads 4 , 1", "--heads: a list is written with commas: --heads 4,1"},
    {"train g --out D --hidden 8 16 --heads 4,4,1", "--hidden: a list is written with commas: --hidden 8,16"},
    {"partition g -o c --ranks 2 4", "--ranks: a list is written with commas: --ranks 2,4"},
    {"explain g --checkpoint f -o a --nodes 1 2 3", "--nodes: a list is written with commas: --nodes 1,2,3"},
    {"import s -o g --split-random 0.6 0.2",
     "--split-random: a list is written with commas: --split-random 0.6,0.2"},
    {"train g --out D --heads one", "--heads: \"one\" is not a list of whole numbers like 8,1"},
    /* values of switches, missing values */
    {"train g --out D --residual true", "--residual: takes no value: write --residual or --no-residual"},
    {"import s -o g --undirected yes", "--undirected: takes no value: write --undirected"},
    {"train g --out --epochs 3", "--out: needs a value: DIR before --epochs"},
    {"train g --out D --lr ''", "--lr: is empty"},
    {"train g --out D --heads=", "--heads: is empty"},
    /* numbers in other notations */
    {"train g --out D --epochs 1e3", "--epochs: \"1e3\" is not a whole number: write 1000"},
    {"train g --out D --epochs 10.0", "--epochs: \"10.0\" is not a whole number: write 10"},
    {"train g --out D --dropout 0,5", "--dropout: \"0,5\" is not a number: write 0.5"},
    {"train g --out D --dropout 60%", "--dropout: \"60%\" is not a number: write 0.6"},
    {"train g --out D --lr inf", "--lr: must be a finite number, not inf"},
    {"train g --out D --lr 1e999", "--lr: must be a finite number, not 1e999"},
    {"train g --out D --seed 18446744073709551616",
     "--seed: 18446744073709551616 is too large: at most 9223372036854775807"},
    {"train g --out D --monitor VAL_LOSS",
     "--monitor: must be one of val_metric, val_loss, both, not \"VAL_LOSS\" (did you mean val_loss?)"},
};

static void test_refused_lines(void **state)
{
    int wrong = 0;
    (void)state;
    for (size_t k = 0; k < sizeof refused / sizeof *refused; k++)
        wrong += !is_refused(refused[k].line, refused[k].message);
    assert_int_equal(wrong, 0);
}

static void test_help_is_asked_for(void **state)
{
    struct hg_config config;
    bool help = false;
    (void)state;
    assert_ok(parse("train --help --bogus", &config, &help));
    assert_true(help);
    hg_config_destroy(&config);
}

static void test_help_shows_every_option(void **state)
{
    (void)state;
    for (int v = 0; v < HG_VERBS; v++) {
        char *text = NULL, name[64];
        assert_ok(hg_config_help((enum hg_verb)v, &text));
        for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
            if (!hg_option_of(o, (enum hg_verb)v)) continue;
            snprintf(name, sizeof name, " --%s", o->name);
            const char *found = strstr(text, name);
            if (found == NULL) fail_msg("%s of %s is not in its help", name, hg_verb_name[v]);
            if (o->unit != NULL) assert_non_null(strstr(found, o->unit));
            if (o->alias != NULL) assert_non_null(strstr(found, o->alias));
        }
        hg_mem_free(text);
    }
}

/* Reads a YAML text over the defaults. */
static hg_status read_yaml(const char *text, struct hg_config *config)
{
    hg_config_defaults(config);
    return hg_config_read_yaml(HG_VERB_TRAIN, "run.yaml", text, config);
}

static void test_yaml(void **state)
{
    struct hg_config c;
    (void)state;
    assert_ok(
        read_yaml("# a run\nheads: [8, 1]\nhidden: \"8\"\nattn_drop: 0.6\nconcat: no\nbias: False\nlr: 1e-2\n"
                  "init: 'a b.h5'\nsplit: all\nmonitor: both\n",
                  &c));
    assert_true(c.train.model.heads.count == 2 && c.train.model.heads.value[0] == 8 &&
                c.train.model.hidden.count == 1 && c.train.model.hidden.value[0] == 8);
    assert_true(c.train.model.attn_dropout == 0.6 && !c.train.model.concat && !c.train.model.bias &&
                c.train.optim.lr == 0.01 && c.train.data.split == -1);
    assert_string_equal(c.train.init, "a b.h5");
    assert_int_equal(c.train.monitor, HG_MONITOR_BOTH);
    hg_config_destroy(&c);
    assert_ok(read_yaml("", &c));
    assert_ok(read_yaml("---\nheads: 8, 4,1\n...\n", &c));
    assert_int_equal(c.train.model.heads.count, 3);
    hg_config_destroy(&c);
}

static const struct {
    const char *text, *message;
} refused_yaml[] = {
    {"lr: 0.1\nlerning_rate: 0.1\n", "run.yaml:2: lerning_rate: unknown key (did you mean lr?)"},
    {"attn-dropout: 0.1\n", "run.yaml:1: attn-dropout: unknown key (did you mean attn_dropout?)"},
    {"zzzzzz: 1\n", "run.yaml:1: zzzzzz: unknown key"},
    {"config: a.yaml\n", "run.yaml:1: config: is for the command line only"},
    {"lr: 0.1\n\ndropout: 0.5\nfeat_drop: 0.5\n", "run.yaml:4: feat_drop: given twice, first on line 3"},
    {"lr:\n", "run.yaml:1: lr: has no value"},
    {"heads: 8 8 1\n", "run.yaml:1: heads: a list is written with commas: 8,8,1"},
    {"heads: []\n", "run.yaml:1: heads: has no value"},
    {"lr: -1\n", "run.yaml:1: lr: must be above 0, not -1"},
    {"lr: 0.1\n\tdropout: 0.5\n", "run.yaml:2: a tab where YAML wants blanks"},
    {"split_random: [0.5]\n", "run.yaml:1: split_random: \"0.5\" is not two shares like 0.6,0.2"},
    {"options: 3\n", "run.yaml:1: options: unknown key"},
    {"{\"epochs\": \"x\", \"options\": {\n\"lr\": -1}}", "run.yaml:2: lr: must be above 0, not -1"},
    {"{\"options\": {\"lr\": 1, \"zzzz\": 1}}", "run.yaml:1: zzzz: unknown key"},
    {"lr: [0.1]\n", "run.yaml:1: lr: takes one value, not a list"},
    {"heads: [8, [1]]\n", "run.yaml:1: a list holds only plain values"},
    {"heads:\n- 8\n- one\n", "run.yaml:1: heads: \"8,one\" is not a list of whole numbers like 8,1"},
    {"lr: {a: 1}\n", "run.yaml:1: lr: must be a value or a list"},
    {"epochs: &a 3\npatience: *a\n", "run.yaml:2: patience: must be a value or a list"},
    {"concat: maybe\n", "run.yaml:1: concat: must be true or false, not \"maybe\""},
    {"monitor: val_los\n", "run.yaml:1: monitor: must be one of val_metric, val_loss, both, not \"val_los\" "
                           "(did you mean val_loss?)"},
    {"- lr\n", "run.yaml:1: must be one mapping of options, like lr: 0.01"},
    {"lr\n", "run.yaml:1: must be one mapping of options, like lr: 0.01"},
    {"lr: 1\n---\nlr: 2\n", "run.yaml:2: must be one mapping of options, like lr: 0.01"},
    {"[a, b]: 1\n", "run.yaml:1: a key must be the name of an option"},
    {"out: \"a\\0b\"\n", "run.yaml:1: unreadable value"},
    {"seed: 1\nlr: 0.1: 2\n", "run.yaml:2: mapping values are not allowed in this context"},
    {"lr: \"a\n", "run.yaml:2: found unexpected end of stream"},
};

static void test_refused_yaml(void **state)
{
    struct hg_config config;
    int wrong = 0;
    (void)state;
    for (size_t k = 0; k < sizeof refused_yaml / sizeof *refused_yaml; k++) {
        const char *text = refused_yaml[k].text;
        wrong += !failed_with(read_yaml(text, &config), text, refused_yaml[k].message);
        hg_config_destroy(&config);
    }
    assert_int_equal(wrong, 0);
}

static void test_long_yaml_values(void **state)
{
    static char text[20000];
    struct hg_config config;
    (void)state;
    snprintf(text, sizeof text, "init: %.*d\n", 9000, 1);
    assert_fails(read_yaml(text, &config), "run.yaml:1: unreadable value");
    hg_config_destroy(&config);
    snprintf(text, sizeof text, "%.*d: 1\n", 900, 1);
    assert_fails(read_yaml(text, &config), "run.yaml:1: a key must be the name of an option");
    hg_config_destroy(&config);
}

static void write_temporary(char *path, const char *text)
{
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), (int)strlen(text));
    close(descriptor);
}

static void test_precedence(void **state)
{
    char path[] = "/tmp/halogat-config-XXXXXX", line[256];
    struct hg_config c;
    (void)state;
    write_temporary(path, "recipe: gat-cora\nhidden: 16\nlr: 0.5\nepochs: 7\nthreads: 3\n");
    snprintf(line, sizeof line, "train g --out D --lr 0.25 --config %s --no-concat", path);
    parse_good(line, &c);
    assert_true(c.train.model.heads.value[0] == 8 && c.train.model.dropout == 0.6 &&
                c.train.model.attn_dropout == 0.6 && c.train.optim.weight_decay == 5e-4);
    assert_int_equal(c.train.data.normalize_features, HG_NORMALIZE_ROW);
    assert_true(c.train.model.hidden.value[0] == 16 && c.train.epochs == 7 && c.train.threads == 3 &&
                c.train.optim.lr == 0.25 && !c.train.model.concat);
    hg_config_destroy(&c);
    snprintf(line, sizeof line, "train g --out D --lr 0.25 --config %s --heads 1,1,1 --hidden 1,2,3", path);
    assert_true(is_refused(line, "--hidden: 1,2,3 gives 3 widths but --heads 1,1,1 has 2 hidden layers"));
    unlink(path);
    parse_good("train g --recipe gat-cora --dropout 0.1 --out D", &c);
    assert_true(c.train.model.heads.value[0] == 8 && c.train.model.heads.value[1] == 1 &&
                c.train.model.hidden.value[0] == 8 && c.train.model.dropout == 0.1);
    hg_config_destroy(&c);
}

/* A value in a file is checked even if the command line overrides it. */
static void test_overridden_values_are_checked(void **state)
{
    struct hg_config c;
    (void)state;
    parse_good("train g --out D --lr 0.25", &c);
    assert_fails(hg_config_read_yaml(HG_VERB_TRAIN, "run.yaml", "lr: fast\n", &c),
                 "run.yaml:1: lr: \"fast\" is not");
    assert_true(c.train.optim.lr == 0.25);
    hg_config_destroy(&c);
}

/* From a summary.json only the options are read, whatever else it contains. */
static void test_summary_as_configuration(void **state)
{
    static const char text[] =
        "{\"ranks\": 3, \"epochs\": 9, \"layers\": [{\"options\": {\"lr\": 7}}, 1], \"a\": {\"b\": {}},\n"
        " \"options\": {\"heads\": [2, 1], \"lr\": 0.25, \"concat\": false, \"activation\": \"none\",\n"
        "  \"split_random\": [0.5, 0.25], \"split_seed\": 4, \"split\": \"all\"}, \"zzzz\": \"unknown\"}\n";
    struct hg_config c;
    (void)state;
    assert_ok(read_yaml(text, &c));
    assert_true(c.train.model.heads.count == 2 && c.train.optim.lr == 0.25 && !c.train.model.concat &&
                c.train.model.activation == HG_IDENTITY);
    assert_true(c.train.epochs == 200 && c.train.data.split == -1 && c.train.data.split_train == 0.5 &&
                c.train.data.split_val == 0.25 && c.train.data.split_seed == 4);
    hg_config_destroy(&c);
}

static void test_yaml_round_trip(void **state)
{
    struct hg_config c, back;
    char *text = NULL, *again = NULL;
    (void)state;
    parse_good("train g --out D --heads 8,4,2 --hidden 7,9 --lr 0.1234567890123456 --dropout 0.6 --no-bias "
               "--residual "
               "--split all --metric rmse --seed 9223372036854775807 --cells 12 --split-random "
               "0.1,0.333333333333333",
               &c);
    assert_ok(hg_config_write_yaml(&c.train, &text));
    assert_ok(read_yaml(text, &back));
    assert_ok(hg_config_write_yaml(&back.train, &again));
    assert_string_equal(text, again);
    assert_non_null(strstr(text, "heads: [8, 4, 2]\n"));
    assert_non_null(strstr(text, "\ndropout: 0.6\n"));
    assert_non_null(strstr(text, "\nsplit: all\n"));
    assert_non_null(strstr(text, "split_random: [0.1, 0.333333333333333]\n"));
    assert_true(back.train.data.split_train == 0.1 && back.train.data.split_val == c.train.data.split_val &&
                back.train.data.split_seed == -1);
    assert_null(strstr(text, "\nout:"));
    assert_null(strstr(text, "threads"));
    assert_true(back.train.optim.lr == c.train.optim.lr && back.train.seed == c.train.seed &&
                back.train.model.hidden.value[1] == 9 && back.train.model.residual && !back.train.model.bias);
    hg_mem_free(text);
    hg_mem_free(again);
    hg_config_destroy(&c);
    hg_config_destroy(&back);
}

/* eval reads the options of train after its own: values from its command line stay. */
static void test_checkpoint_options_under_the_command_line(void **state)
{
    struct hg_config c;
    (void)state;
    parse_good("eval g --checkpoint f --cells 5", &c);
    assert_ok(hg_config_read_checkpoint("f", "cells: 9\nsplit: 2\nheads: [3, 3]\n", &c));
    assert_true(c.train.data.cells == 5 && c.train.data.split == 2 && c.train.model.heads.value[0] == 3);
    hg_config_destroy(&c);
}

/* Options that say where to write or how to run come from the command line only, whatever a checkpoint contains. */
static void test_checkpoints_do_not_command(void **state)
{
    static const size_t bytes[HG_OPTION_TYPES] = {[HG_OPTION_FLAG] = sizeof(bool),
                                                  [HG_OPTION_SWITCH] = sizeof(bool),
                                                  [HG_OPTION_INT] = sizeof(int64_t),
                                                  [HG_OPTION_REAL] = sizeof(double),
                                                  [HG_OPTION_TEXT] = sizeof(char *),
                                                  [HG_OPTION_CHOICE] = sizeof(int),
                                                  [HG_OPTION_LIST] = sizeof(struct hg_int_list),
                                                  [HG_OPTION_SHARES] = 2 * sizeof(double)};
    struct hg_config c;
    (void)state;
    parse_good("predict g --checkpoint f -o mine.h5", &c);
    const struct hg_config before = c;
    assert_ok(hg_config_read_checkpoint("f",
                                        "out: /other\nthreads: 9\nquiet: true\ninit: [a, {b: c}]\n"
                                        "text: /other\ncheckpoint: /other\nconfig: {}\nrecipe: gat-cora\n"
                                        "runs: 3\noverwrite: yes\njson: maybe\nfeatures: f\nnodes: [0, [1]]\n"
                                        "ranks: 2\nhidden: 5\n",
                                        &c));
    assert_true(c.train.model.hidden.count == 1 && c.train.model.hidden.value[0] == 5);
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (o->reach == HG_IN_CHECKPOINTS) continue;
        assert_memory_equal((char *)&c + o->offset, (const char *)&before + o->offset, bytes[o->type]);
        assert_int_equal(c.level[o - hg_options], before.level[o - hg_options]);
    }
    assert_string_equal(c.out, "mine.h5");
    assert_true(c.train.model.heads.value[0] == 4 && c.train.model.dropout == 0);
    assert_fails(hg_config_read_checkpoint("f", "new_layer: 1\n", &c), "f:1: new_layer: unknown key");
    assert_int_equal(hg_config_read_checkpoint("f", "heads: [1, 1, 1, 1]\nhidden: [8, 8]\n", &c), HG_FAILED);
    assert_fails(HG_FAILED, "f: its options heads and hidden do not fit");
    hg_config_destroy(&c);
}

/* Otherwise a value meant for one option would be read by another, for instance a checkpoint's --out DIR by predict's
 * -o FILE. */
static void test_every_option_has_its_field(void **state)
{
    (void)state;
    for (int a = 0; a < hg_num_options; a++)
        for (int b = a + 1; b < hg_num_options; b++)
            if (hg_options[a].offset == hg_options[b].offset)
                fail_msg("two options %s and %s share a field", hg_options[a].name, hg_options[b].name);
}

static void test_verbs(void **state)
{
    enum hg_verb verb;
    const char *nearest = NULL;
    (void)state;
    for (int v = 0; v < HG_VERBS; v++) {
        assert_non_null(hg_verb_help[v]);
        assert_true(hg_verb_parse(hg_verb_name[v], &verb, &nearest) && (int)verb == v);
    }
    assert_false(hg_verb_parse("trian", &verb, &nearest));
    assert_string_equal(nearest, "train");
    assert_false(hg_verb_parse("evaluate", &verb, &nearest));
    assert_string_equal(nearest, "eval");
    assert_false(hg_verb_parse("prediction", &verb, &nearest));
    assert_string_equal(nearest, "predict");
    assert_false(hg_verb_parse("sing", &verb, &nearest));
    assert_null(nearest);
    assert_false(hg_verb_parse("test", &verb, &nearest));
    assert_null(nearest);
}

static const struct {
    const char *text, *shown;
} printed[] = {
    {"plain text.h5", "plain text.h5"},
    {"gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", "gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"},
    {"\x1b[31mred\a\b\x7f", "\\x1b[31mred\\x07\\x08\\x7f"},
    {"two\nlines\tand\rmore", "two\\nlines\\tand\\rmore"},
    {"latin-1 \xe9, cut \xe2\x82", "latin-1 \\xe9, cut \\xe2\\x82"},
    {"overlong \xc0\xaf \xe0\x80\xaf, surrogate \xed\xa0\x80, above \xf4\x90\x80\x80",
     "overlong \\xc0\\xaf \\xe0\\x80\\xaf, surrogate \\xed\\xa0\\x80, above \\xf4\\x90\\x80\\x80"},
    {"8-bit \x9b"
     "1m, \xc2\x9b"
     "1m",
     "8-bit \\x9b1m, \\u009b1m"},
    {"turned \xe2\x80\xaeh5.exe", "turned \\u202eh5.exe"},
};

static void test_printable(void **state)
{
    char shown[256];
    (void)state;
    for (size_t k = 0; k < sizeof printed / sizeof *printed; k++)
        assert_string_equal(hg_printed(printed[k].text, shown, sizeof shown), printed[k].shown);
    assert_int_equal(hg_printable("a\\b\0c", 5, "\\", shown, sizeof shown), 4);
    assert_string_equal(shown, "a\\\\b");
    /* a character is never cut in two */
    assert_string_equal(hg_printed("ab\xe2\x82\xac", shown, 5), "ab");
    assert_string_equal(hg_printed("ab\x1b", shown, 6), "ab");
    assert_string_equal(hg_printed("ab", shown, 1), "");
}

static void test_edit_distance(void **state)
{
    (void)state;
    assert_int_equal(hg_edit_distance("", "abc"), 3);
    assert_int_equal(hg_edit_distance("kitten", "sitting"), 3);
    assert_int_equal(hg_edit_distance("trian", "train"), 1);
    assert_int_equal(hg_edit_distance("same", "same"), 0);
    assert_int_equal(hg_edit_distance("ca", "abc"), 3);
}

/* Every allocation fails once: each time there is a failure status and no leak. */
static void test_out_of_memory(void **state)
{
    char path[] = "/tmp/halogat-config-XXXXXX", line[256];
    (void)state;
    write_temporary(path, "recipe: gat-cora\ninit: a.h5\n");
    snprintf(line, sizeof line, "train g --out D --config %s", path);
    int64_t k = 0;
    for (hg_status status = HG_NOMEM; status != HG_OK; k++) {
        struct hg_config config;
        bool help = false;
        const int64_t live = hg_mem_live();
        hg_mem_fail_at(k);
        status = parse(line, &config, &help);
        hg_mem_fail_at(-1);
        assert_true(status == HG_OK || status == HG_NOMEM);
        hg_config_destroy(&config);
        hg_status_clear();
        assert_int_equal(hg_mem_live(), live);
    }
    assert_true(k > 4);
    unlink(path);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_table_is_complete),
    cmocka_unit_test(test_names_are_unique),
    cmocka_unit_test(test_names_lead_somewhere),
    cmocka_unit_test(test_defaults),
    cmocka_unit_test(test_options_of_training),
    cmocka_unit_test(test_train_line),
    cmocka_unit_test(test_other_lines),
    cmocka_unit_test(test_refused_lines),
    cmocka_unit_test(test_help_is_asked_for),
    cmocka_unit_test(test_help_shows_every_option),
    cmocka_unit_test(test_yaml),
    cmocka_unit_test(test_refused_yaml),
    cmocka_unit_test(test_long_yaml_values),
    cmocka_unit_test(test_precedence),
    cmocka_unit_test(test_overridden_values_are_checked),
    cmocka_unit_test(test_summary_as_configuration),
    cmocka_unit_test(test_yaml_round_trip),
    cmocka_unit_test(test_checkpoint_options_under_the_command_line),
    cmocka_unit_test(test_checkpoints_do_not_command),
    cmocka_unit_test(test_every_option_has_its_field),
    cmocka_unit_test(test_verbs),
    cmocka_unit_test(test_printable),
    cmocka_unit_test(test_edit_distance),
    cmocka_unit_test(test_out_of_memory),
};

HG_TEST_MAIN(tests)
