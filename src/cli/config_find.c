#include "cli/config_table.h"
#include "cli/did_you_mean.h"
#include <string.h>

static bool same(const char *name, const char *word, size_t length)
{
    return name != NULL && strlen(name) == length && memcmp(name, word, length) == 0;
}

const struct hg_option *hg_option_find(enum hg_verb verb, const char *name, size_t length, bool *negated)
{
    const bool no = negated != NULL && length > 3 && memcmp(name, "no-", 3) == 0;
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (!hg_option_of(o, verb)) continue;
        const bool off = no && o->type == HG_OPTION_SWITCH && same(o->name, name + 3, length - 3);
        if (negated != NULL) *negated = off;
        if (off || same(o->name, name, length) || same(o->alias, name, length)) return o;
    }
    return NULL;
}

static void offer_hints(struct hg_suggestion *nearest, enum hg_verb verb, enum hg_option_reach reach)
{
    for (const struct hg_option_hint *h = hg_option_hints; h < hg_option_hints + hg_num_option_hints; h++) {
        const struct hg_option *option = hg_option_find(verb, h->option, strlen(h->option), NULL);
        if (option != NULL && option->reach >= reach) hg_suggestion_offer(nearest, h->tried, option->name);
    }
}

const char *hg_option_nearest(enum hg_verb verb, enum hg_option_reach reach, const char *name)
{
    struct hg_suggestion nearest = {.word = name};
    for (const struct hg_option *o = hg_options; o < hg_options + hg_num_options; o++) {
        if (!hg_option_of(o, verb) || o->reach < reach) continue;
        hg_suggestion_offer(&nearest, o->name, o->name);
        if (o->alias != NULL) hg_suggestion_offer(&nearest, o->alias, o->alias);
    }
    offer_hints(&nearest, verb, reach);
    return nearest.best;
}

bool hg_verb_parse(const char *name, enum hg_verb *verb, const char **nearest)
{
    struct hg_suggestion found = {.word = name};
    for (int v = 0; v < HG_VERBS; v++) {
        *verb = (enum hg_verb)v;
        if (strcmp(name, hg_verb_name[v]) == 0) return true;
        hg_suggestion_offer(&found, hg_verb_name[v], hg_verb_name[v]);
    }
    *nearest = found.best;
    return false;
}
