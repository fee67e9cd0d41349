/* Inputs: command lines of known and unknown words in any order. */
#include "fuzz.h"

#include "cli/config_table.h"
#include <string.h>

static const char *const values[] = {"8,1",
                                     "4",
                                     "0",
                                     "-1",
                                     "0.5",
                                     "1e-3",
                                     "0,5",
                                     "5%",
                                     "nan",
                                     "inf",
                                     "1e999",
                                     "18446744073709551616",
                                     "all",
                                     "true",
                                     "elu",
                                     "adam",
                                     "gat-cora",
                                     "accuracy",
                                     "",
                                     "[8,8]",
                                     "2,2,2,2,2,1",
                                     ",",
                                     "1,",
                                     "@/nothing.h5",
                                     "%/graph.h5",
                                     "%/cells.h5",
                                     "%/run/best.h5",
                                     "%/run",
                                     "%/edges.tsv",
                                     "%/pyg.npz",
                                     "%/labels.txt",
                                     "@",
                                     "@/out",
                                     "@/out.h5",
                                     "/dev/null",
                                     ".",
                                     "-",
                                     "--",
                                     "\x1b[31m",
                                     "0.5,0.3",
                                     "1,1",
                                     "%/options.yaml",
                                     NULL};

static void add(char *line, size_t bytes, const char *word)
{
    const size_t used = strlen(line);
    snprintf(line + used, bytes - used, " %s", word);
}

static void add_option(struct fuzz_rng *rng, enum hg_verb verb, char *line, size_t bytes)
{
    char word[256];
    const struct hg_option *option = &hg_options[fuzz_below(rng, hg_num_options)];
    for (int k = 0; k < 20 && !hg_option_of(option, verb); k++)
        option = &hg_options[fuzz_below(rng, hg_num_options)];
    const bool flag = option->type == HG_OPTION_FLAG || option->type == HG_OPTION_SWITCH;
    const char *value = fuzz_text(rng, values);
    if (option->fallback != NULL && fuzz_once_in(rng, 3)) value = option->fallback;
    snprintf(word, sizeof word, "--%s%s%s%s", fuzz_once_in(rng, 12) ? "no-" : "", option->name,
             fuzz_once_in(rng, 4) && !flag ? "=" : "", fuzz_once_in(rng, 20) ? "x" : "");
    add(line, bytes, word);
    if (!flag || fuzz_once_in(rng, 10)) add(line, bytes, value);
}

/* Options that keep each command short. They come last, because the last value of an option wins. */
static const char *const bounded[HG_VERBS] = {
    [HG_VERB_GENERATE] = "--nodes 50 --edges 100 --features 3 --classes 2",
    [HG_VERB_TRAIN] = "--epochs 1 --runs 1 --threads 1 --heads 2,1 --hidden 4 --cells 4",
    [HG_VERB_PARTITION] = "--cells 4 --ranks 2",
};

static void command_lines(struct fuzz *fuzz)
{
    static const char *const arguments[] = {
        "%/graph.h5", "%/graph.h5", "%/cells.h5", "%/edges.tsv", "%/pyg.npz", "%/pyg.h5", "%/run/best.h5",
        "%/run",      "sbm",        "rmat",       "grid",        "nothing",   "",         NULL};
    const enum hg_verb verb = (enum hg_verb)fuzz_below(&fuzz->rng, HG_VERBS);
    char line[4096];
    snprintf(line, sizeof line, "%s %s", hg_verb_name[verb], fuzz_text(&fuzz->rng, arguments));
    if (fuzz_once_in(&fuzz->rng, 2))
        add(line, sizeof line, verb == HG_VERB_TRAIN ? "--out @/run" : "-o @/out.h5");
    if (verb >= HG_VERB_EVAL && fuzz_once_in(&fuzz->rng, 2))
        add(line, sizeof line, "--checkpoint %/run/best.h5");
    for (int64_t k = fuzz_below(&fuzz->rng, 4); k > 0; k--) add_option(&fuzz->rng, verb, line, sizeof line);
    if (bounded[verb] != NULL) add(line, sizeof line, bounded[verb]);
    fuzz_command(fuzz, "%s", line);
}

const struct fuzz_kind fuzz_words[] = {
    {"command-line", "command lines", command_lines},
    {0},
};
