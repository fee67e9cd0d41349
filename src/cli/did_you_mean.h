/** "Did you mean": the word nearest to a misspelt one. */
#ifndef HG_CLI_DID_YOU_MEAN_H
#define HG_CLI_DID_YOU_MEAN_H

/** Edits (insert, delete, replace, swap neighbours) that turn one word into the other, whatever the case, _ for -; long
 * words are cut at 63 bytes. */
int hg_edit_distance(const char *a, const char *b);

/** The best candidate so far. Start with {.word = word}. */
struct hg_suggestion {
    const char *word; /**< as written */
    const char *best; /**< answer of the nearest candidate that is close enough, or NULL */
    int distance;
};

/** Offers a candidate; `answer` is what to suggest when it is the nearest (often the candidate itself). Far-off ones
 * are not taken: more edits than a third of the longer word. A candidate that starts with the word, or is at least half
 * of it and its start, counts as one edit away. Local. */
void hg_suggestion_offer(struct hg_suggestion *nearest, const char *candidate, const char *answer);

#endif
