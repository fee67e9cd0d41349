/** "Did you mean": finds the word most similar to a misspelt one. */
#ifndef HG_CLI_DID_YOU_MEAN_H
#define HG_CLI_DID_YOU_MEAN_H

/** Number of edits (insert, delete, replace, swap neighbours) that turn one word into the other. Ignores case and the
 *  difference between _ and -. Looks at the first 63 bytes only. Local. */
int hg_edit_distance(const char *a, const char *b);

/** The best candidate so far. Initialise with {.word = word}. */
struct hg_suggestion {
    const char *word; /**< the word as written */
    const char *best; /**< answer of the most similar candidate; NULL: none is similar enough */
    int distance;     /**< its number of edits */
};

/** Offers a candidate. `answer` is what to suggest when it is the most similar one; often the candidate itself.
 *  Candidates at a distance of more than a third of the longer word are rejected. A candidate that begins with the
 *  word, or that is a beginning of it of at least half its length, counts as one edit away. Local. */
void hg_suggestion_offer(struct hg_suggestion *nearest, const char *candidate, const char *answer);

#endif
