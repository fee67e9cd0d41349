#include "cli/config_table.h"

#include "cli/did_you_mean.h"
#include "generate/generate.h"
#include "nn/model.h"
#include "partition/estimate.h"
#include <string.h>

static bool given(const struct hg_option *option, const struct hg_config *config)
{
    return config->level[option - hg_options] > HG_LEVEL_DEFAULT;
}

const struct hg_option *hg_option_missing(enum hg_verb verb, const struct hg_config *config)
{
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++)
        if ((o->required >> verb & 1u) != 0 && !given(o, config)) return o;
    return NULL;
}

static hg_status check_required(enum hg_verb verb, const struct hg_config *config)
{
    if (config->input == NULL && !config->cpu && !config->measure && config->planned_nodes == 0) {
        char what[64];
        snprintf(what, sizeof what, "argument %s", hg_verb_argument[verb]);
        return hg_fail(HG_USAGE, what, "missing: %s", hg_verb_argument_help[verb]);
    }
    const struct hg_option *o = hg_option_missing(verb, config);
    if (o == NULL) return HG_OK;
    const bool letter = o->letter != 0 && strcmp(o->unit, "FILE") == 0;
    const char what[] = {'-', (char)o->letter, '\0'};
    char name[64];
    snprintf(name, sizeof name, "--%s", o->name);
    return hg_fail(HG_USAGE, letter ? what : name, "missing: %s", o->help);
}

static void write_list(const struct hg_int_list *list, char *text, size_t size)
{
    size_t used = 0;
    for (int k = 0; k < list->count && used < size; k++) {
        const int n =
            snprintf(text + used, size - used, "%s%lld", k > 0 ? "," : "", (long long)list->value[k]);
        used += n < 0 ? 0 : (size_t)n;
    }
}

bool hg_config_layers_fit(const struct hg_config *config)
{
    const int hidden_layers = config->train.model.heads.count - 1, widths = config->train.model.hidden.count;
    return config->train.model.heads.count <= HG_MODEL_LAYERS && (widths == 1 || widths == hidden_layers);
}

static hg_status check_layers(const struct hg_config *config)
{
    const int hidden_layers = config->train.model.heads.count - 1, widths = config->train.model.hidden.count;
    char heads[256], hidden[256];
    if (hg_config_layers_fit(config)) return HG_OK;
    if (config->train.model.heads.count > HG_MODEL_LAYERS) {
        return hg_fail(HG_USAGE, "--heads", "gives %d layers, more than %d", config->train.model.heads.count,
                       HG_MODEL_LAYERS);
    }
    write_list(&config->train.model.heads, heads, sizeof heads);
    write_list(&config->train.model.hidden, hidden, sizeof hidden);
    return hg_fail(HG_USAGE, "--hidden", "%s gives %d widths but --heads %s has %d hidden layer%s", hidden,
                   widths, heads, hidden_layers, hidden_layers == 1 ? "" : "s");
}

static hg_status check_train(const struct hg_config *config)
{
    HG_TRY(check_layers(config));
    if (config->train.resume && config->train.overwrite)
        return hg_fail(HG_USAGE, "--overwrite", "cannot be together with --resume");
    if (config->train.seed > INT64_MAX - (config->train.runs - 1)) {
        return hg_fail(HG_USAGE, "--seed", "%lld leaves no seeds for --runs %lld",
                       (long long)config->train.seed, (long long)config->train.runs);
    }
    return HG_OK;
}

static hg_status check_import(const struct hg_config *config)
{
    if (config->labels != NULL && config->targets != NULL) {
        return hg_fail(HG_USAGE, "--targets", "cannot be together with --labels");
    }
    return HG_OK;
}

static hg_status check_info(const struct hg_config *config)
{
    if (config->cpu && config->input != NULL) {
        return hg_fail(HG_USAGE, "--cpu", "is about the machine: no file");
    }
    return HG_OK;
}

static hg_status check_plan(const struct hg_config *config)
{
    if (config->input != NULL && config->planned_nodes > 0)
        return hg_fail(HG_USAGE, "--nodes", "is for a graph without a file: %s has its own", config->input);
    const struct hg_option *edges = hg_option_find(HG_VERB_PLAN, "edges", strlen("edges"), NULL);
    if (config->planned_nodes > 0 && !given(edges, config))
        return hg_fail(HG_USAGE, "--edges", "missing: the number of edges of the %lld nodes",
                       (long long)config->planned_nodes);
    return check_train(config);
}

static hg_status check_partition(const struct hg_config *config)
{
    if (config->row_bytes.count > 2)
        return hg_fail(HG_USAGE, "--row-bytes", "gives %d numbers: one for a row, one for a partial sum",
                       config->row_bytes.count);
    for (int k = 0; config->estimate_sharing && k < config->ranks.count; k++)
        if (config->ranks.value[k] > HG_ESTIMATE_RANKS)
            return hg_fail(HG_USAGE, "--estimate", "at most %d ranks, not %lld", HG_ESTIMATE_RANKS,
                           (long long)config->ranks.value[k]);
    return HG_OK;
}

static hg_status check_generate(const struct hg_config *config)
{
    struct hg_suggestion nearest = {.word = config->input};
    for (int k = 0; k < HG_GENERATORS; k++) {
        if (strcmp(config->input, hg_generator_name[k]) == 0) return HG_OK;
        hg_suggestion_offer(&nearest, hg_generator_name[k], hg_generator_name[k]);
    }
    if (nearest.best == NULL) return hg_fail(HG_USAGE, config->input, "KIND must be rmat, sbm or grid");
    return hg_fail(HG_USAGE, config->input, "KIND must be rmat, sbm or grid (did you mean %s?)",
                   nearest.best);
}

hg_status hg_config_check(enum hg_verb verb, const struct hg_config *config)
{
    static hg_status (*const check[HG_VERBS])(const struct hg_config *) = {
        [HG_VERB_IMPORT] = check_import,       [HG_VERB_GENERATE] = check_generate,
        [HG_VERB_INFO] = check_info,           [HG_VERB_PLAN] = check_plan,
        [HG_VERB_PARTITION] = check_partition, [HG_VERB_TRAIN] = check_train};
    HG_TRY(check_required(verb, config));
    return check[verb] != NULL ? check[verb](config) : HG_OK;
}
