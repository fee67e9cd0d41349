#include "cli/agreement.h"

#include "base/build.h"
#include "cli/config_facts.h"
#include "dist/facts.h"
#include "dist/handshake.h"
#include <stdio.h>

/* Compares the facts of all ranks, and destroys them. Collective. */
static hg_status compare(const struct hg_comm *comm, const char *what, struct hg_facts *facts)
{
    const hg_status status = hg_facts_compare(comm, HG_USAGE, what, facts);
    hg_facts_destroy(facts);
    return status;
}

/* Adds the verb; its options are compared later (hg_agree_on_config). Without a verb, adds all words. */
static void add_words(int argc, char **argv, struct hg_facts *facts)
{
    enum hg_verb verb;
    const char *nearest = NULL;
    const int words = argc > 1 && hg_verb_parse(argv[1], &verb, &nearest) ? 2 : argc;
    for (int k = 1; k < words; k++) {
        char name[32];
        snprintf(name, sizeof name, "word %d", k - 1);
        hg_facts_add(facts, k == 1 ? "verb" : name, "%s", argv[k]);
    }
}

hg_status hg_agree_on_program(const struct hg_comm *comm, int argc, char **argv)
{
    struct hg_facts words = {0};
    char id[HG_BUILD_ID_BYTES];
    hg_build_id(id);
    HG_TRY(hg_handshake(comm, HG_VERSION, id));
    add_words(argc, argv, &words);
    return compare(comm, "command line", &words);
}

/* Compares the outcome of parsing, which the options do not show: the failure, or --help. Returns the parser's
 * status. Collective. */
static hg_status compare_outcome(const struct hg_comm *comm, hg_status parsed, bool help)
{
    struct hg_facts facts = {0};
    char failure[1024];
    snprintf(failure, sizeof failure, "%s", hg_status_message());
    hg_status_clear();
    if (parsed != HG_OK) hg_facts_add(&facts, "failure", "\"%s\"", failure);
    if (help) hg_facts_add(&facts, "--help", "true");
    HG_TRY(compare(comm, "options", &facts));
    hg_status_set_message(failure);
    return hg_agree(comm, parsed);
}

hg_status hg_agree_on_config(const struct hg_comm *comm, enum hg_verb verb, int argc, char **argv,
                             struct hg_config *config, bool *help)
{
    const hg_status parsed = hg_config_parse(verb, argc, argv, config, help);
    HG_TRY(compare_outcome(comm, parsed, *help));
    return *help ? HG_OK : hg_config_compare(comm, verb, config);
}
