#include "cli/config_facts.h"

#include "base/mem.h"
#include "cli/config_table.h"
#include <string.h>

enum { NAME_BYTES = 80 };

static const char *const origin[] = {[HG_LEVEL_DEFAULT] = "the default",
                                     [HG_LEVEL_RECIPE] = "the recipe",
                                     [HG_LEVEL_FILE] = "the configuration file",
                                     [HG_LEVEL_ARGS] = "the command line"};

/* Options that may differ between ranks: hosts may have different numbers of cores, and of a configuration file only
 * the contents matter, not its path. */
static bool may_differ(const struct hg_option *option)
{
    return strcmp(option->name, "threads") == 0 || strcmp(option->name, "config") == 0;
}

static hg_status add_value(const struct hg_option *option, const struct hg_config *config, const char *name,
                           struct hg_facts *facts)
{
    struct hg_text_stream stream = {0};
    char *text = NULL;
    HG_TRY(hg_text_stream_begin(&stream));
    hg_option_write(option, config, stream.file);
    HG_TRY(hg_text_stream_end(&stream, &text));
    if (text[0] != '\0') hg_facts_add(facts, name, "%s", text);
    hg_mem_free(text);
    return HG_OK;
}

/* Adds the value of each option or, with `origins`, the source of the value. */
static hg_status add_options(enum hg_verb verb, const struct hg_config *config, bool origins,
                             struct hg_facts *facts)
{
    for (int k = 0; k < hg_num_options; k++) {
        const struct hg_option *option = &hg_options[k];
        char name[NAME_BYTES];
        if (!hg_option_of(option, verb) || may_differ(option)) continue;
        snprintf(name, sizeof name, "--%s%s", option->name, origins ? " from" : "");
        if (origins)
            hg_facts_add(facts, name, "%s", origin[config->level[k]]);
        else
            HG_TRY(add_value(option, config, name, facts));
    }
    return HG_OK;
}

static hg_status compare(const struct hg_comm *comm, enum hg_verb verb, const struct hg_config *config,
                         bool origins)
{
    struct hg_facts facts = {0};
    if (!origins && config->input != NULL) hg_facts_add(&facts, hg_verb_argument[verb], "%s", config->input);
    hg_status status = hg_agree(comm, add_options(verb, config, origins, &facts));
    if (status == HG_OK) status = hg_facts_compare(comm, HG_USAGE, "options", &facts);
    hg_facts_destroy(&facts);
    return status;
}

hg_status hg_config_compare(const struct hg_comm *comm, enum hg_verb verb, const struct hg_config *config)
{
    HG_TRY(compare(comm, verb, config, false));
    return compare(comm, verb, config, true);
}
