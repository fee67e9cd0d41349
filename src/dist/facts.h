/** What every rank must find alike (its build, its command line, the files that it reads by itself), compared before it matters: ranks at odds
 *  would wait for each other for ever, or mix their results.
 *
 *      struct hg_facts facts = {0};
 *      hg_facts_add(&facts, "num_nodes", "%lld", nodes);          as many as there are; failures are kept
 *      status = hg_facts_compare(comm, HG_FAILED, path, &facts);
 *      hg_facts_destroy(&facts);
 */
#ifndef HG_DIST_FACTS_H
#define HG_DIST_FACTS_H

#include "dist/comm.h"

/** Names and values, in the order in which they were added. Start with zeros. */
struct hg_facts {
    char *text; /**< name, value, name, value ..., each with its end; owned */
    int64_t bytes, capacity;
    hg_status status; /**< the first failure of adding */
};

/** Adds a fact; the value is in printf's format, of any length. A name comes once. Local. */
void hg_facts_add(struct hg_facts *facts, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Fails with `code` on every rank unless all ranks hold the same facts: "what: host B (rank 1) has num_nodes 7, host A (rank 0) 8", with the
 *  first rank and the first fact that differ from rank 0's, and the names of others. Fails when adding failed on any rank. Collective. */
hg_status hg_facts_compare(const struct hg_comm *comm, hg_status code, const char *what,
                           struct hg_facts *facts);

/** Frees the facts; they can be used again. Local. */
void hg_facts_destroy(struct hg_facts *facts);

/** hg_agree for what every rank does alike, as opening the same file: when it failed on some ranks only, the message says on which host.
 *  Collective. */
hg_status hg_agree_alike(const struct hg_comm *comm, hg_status mine);

#endif
