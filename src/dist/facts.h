/** Facts: what must be the same on every rank (the build, the command line, the files that each rank reads by
 *  itself). They are compared before they are used: ranks that differ would wait for each other for ever, or mix
 *  their results.
 *
 *      struct hg_facts facts = {0};
 *      hg_facts_add(&facts, "num_nodes", "%lld", nodes);      any number; a failure is kept in facts.status
 *      status = hg_facts_compare(comm, HG_FAILED, path, &facts);
 *      hg_facts_destroy(&facts); */
#ifndef HG_DIST_FACTS_H
#define HG_DIST_FACTS_H

#include "dist/comm.h"

/** Names and values, in the order in which they were added. {0} is empty. */
struct hg_facts {
    char *text; /**< name, value, name, value ..., each terminated by a zero byte; owned */
    int64_t bytes, capacity;
    hg_status status; /**< the first failure of hg_facts_add */
};

/** Adds a fact. The value has printf's format and any length; each name is added once. Local. */
void hg_facts_add(struct hg_facts *facts, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Fails with `code` on every rank unless all ranks hold the same facts. The message is "what: host B (rank 1) has
 *  num_nodes 7, host A (rank 0) 8": the lowest rank that differs from rank 0, the first fact that differs, and then
 *  the names of further ones. Fails too when adding failed on any rank. Collective. */
hg_status hg_facts_compare(const struct hg_comm *comm, hg_status code, const char *what,
                           struct hg_facts *facts);

/** Frees the facts and leaves them empty. Local. */
void hg_facts_destroy(struct hg_facts *facts);

/** hg_agree for an operation that every rank does in the same way, like opening the same file: when it failed on some
 *  ranks only, the message says on which host and rank. Collective. */
hg_status hg_agree_alike(const struct hg_comm *comm, hg_status mine);

#endif
