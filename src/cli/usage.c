#include "cli/usage.h"

#include "base/build.h"
#include "base/mem.h"
#include "cli/config_table.h"
#include "cli/did_you_mean.h"
#include "cli/results.h"
#include <string.h>
#include <unistd.h>

/* Sections as in a manual page. */
static void print_usage(void)
{
    hg_print(
        "halogat: graph attention networks on whole graphs over MPI, the same bits on any number of ranks\n\n"
        "Usage: halogat VERB ARGUMENT [OPTION...]\n"
        "       mpirun -n P halogat VERB ARGUMENT [OPTION...]\n\n"
        "Verbs:\n");
    for (int v = 0; v < HG_VERBS; v++) hg_print("  %-12s%s\n", hg_verb_name[v], hg_verb_help[v]);
    hg_print(
        "\nOptions:\n"
        "  halogat help VERB     options of a verb; also halogat VERB --help\n"
        "  halogat --version     version and build id of the program\n\n"
        "Environment:\n"
        "  HALOGAT_ISA=NAME      a lower instruction set than the ranks would take (halogat info --cpu)\n\n"
        "Exit status:\n"
        "  0  done\n"
        "  1  failed: one line on standard error says what and why\n"
        "  2  something is wrong with the command line or the configuration\n\n"
        "Example:\n"
        "  halogat import data.npz -o graph.h5\n"
        "  halogat partition graph.h5 -o cells.h5\n"
        "  mpirun -n 4 halogat train cells.h5 --out run --heads 8,1 --hidden 8\n"
        "  halogat predict cells.h5 --checkpoint run -o pred.h5\n");
}

static void print_version(void)
{
    char id[HG_BUILD_ID_BYTES];
    hg_build_id(id);
    hg_print("halogat %s (build %s)\n", HG_VERSION, id);
}

hg_status hg_usage_help(const struct hg_comm *comm, enum hg_verb verb)
{
    char *text = NULL;
    HG_TRY(hg_agree(comm, hg_config_help(verb, &text)));
    if (comm->rank == 0) fputs(text, hg_results());
    hg_mem_free(text);
    return HG_OK;
}

/* Always fails: `word` is not a verb. The message suggests a verb or an option with a similar name. */
static hg_status fail_unknown(const char *word)
{
    enum hg_verb verb;
    const char *nearest = NULL;
    const size_t dashes = strspn(word, "-"), length = strcspn(word + dashes, "=");
    hg_verb_parse(word + dashes, &verb, &nearest);
    struct hg_suggestion found = {.word = word};
    hg_suggestion_offer(&found, dashes > 0 ? "--version" : "version", "--version");
    hg_suggestion_offer(&found, dashes > 0 ? "--help" : "help", "help");
    for (int v = 0; v < HG_VERBS && dashes > 0; v++)
        if (hg_option_find((enum hg_verb)v, word + dashes, length, NULL) != NULL)
            return hg_fail(HG_USAGE, word, "options come after the verb, as in halogat %s", hg_verb_name[v]);
    if (dashes == 0 && access(word, F_OK) == 0)
        return hg_fail(HG_USAGE, word, "is a file; the verb comes first, as in halogat info FILE");
    if (found.best != NULL) nearest = found.best;
    const char *what = dashes > 0 ? "option" : "verb";
    if (nearest == NULL) return hg_fail(HG_USAGE, word, "unknown %s (see halogat --help)", what);
    return hg_fail(HG_USAGE, word, "unknown %s (did you mean %s?)", what, nearest);
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

hg_status hg_usage(const struct hg_comm *comm, int argc, char **argv)
{
    enum hg_verb verb;
    const char *nearest = NULL, *word = argc > 1 ? argv[1] : "";
    const bool help = is_one_of(word, "--help", "-h") || strcmp(word, "help") == 0;
    if (help && argc > 2) {
        if (hg_verb_parse(argv[2], &verb, &nearest)) return hg_usage_help(comm, verb);
        if (!is_one_of(argv[2], "--help", "-h") && strcmp(argv[2], "help") != 0) return fail_unknown(argv[2]);
    }
    if (is_one_of(word, "--version", "-V")) {
        if (comm->rank == 0) print_version();
        return HG_OK;
    }
    if (!help && word[0] != '\0') return fail_unknown(word);
    if (comm->rank == 0) print_usage();
    return help ? HG_OK : hg_fail(HG_USAGE, "no verb", "say what to do, as in halogat info graph.h5");
}
