#include "dist/facts.h"

#include "base/mem.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HOST_BYTES = 64, SHOWN = 200, OTHERS_BYTES = 160 };

/** What rank 0 broadcasts before its facts. */
struct header {
    int64_t bytes;
    char host[HOST_BYTES];
};

static void name_host(char host[HOST_BYTES])
{
    memset(host, 0, HOST_BYTES);
    if (gethostname(host, HOST_BYTES - 1) != 0) snprintf(host, HOST_BYTES, "unknown");
}

static hg_status append(struct hg_facts *facts, const char *text, size_t bytes)
{
    HG_TRY(HG_RESERVE(facts->text, &facts->capacity, facts->bytes + (int64_t)bytes));
    memcpy(facts->text + facts->bytes, text, bytes);
    facts->bytes += (int64_t)bytes;
    return HG_OK;
}

static hg_status append_value(struct hg_facts *facts, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0) return hg_fail(HG_FAILED, format, "cannot be formatted");
    const size_t bytes = (size_t)length + 1;
    HG_TRY(HG_RESERVE(facts->text, &facts->capacity, facts->bytes + (int64_t)bytes));
    vsnprintf(facts->text + facts->bytes, bytes, format, args);
    facts->bytes += (int64_t)bytes;
    return HG_OK;
}

void hg_facts_add(struct hg_facts *facts, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (facts->status == HG_OK) facts->status = append(facts, name, strlen(name) + 1);
    if (facts->status == HG_OK) facts->status = append_value(facts, format, args);
    va_end(args);
}

void hg_facts_destroy(struct hg_facts *facts)
{
    hg_mem_free(facts->text);
    *facts = (struct hg_facts){0};
}

/* The string that follows `text`: the value after a name, the name after a value; the end of all facts after the last
 * value. */
static const char *next_string(const char *text)
{
    return text + strlen(text) + 1;
}

static const char *find(const struct hg_facts *facts, const char *name)
{
    const char *end = facts->text + facts->bytes;
    for (const char *at = facts->text; at < end; at = next_string(next_string(at)))
        if (strcmp(at, name) == 0) return next_string(at);
    return NULL;
}

/** The differences between this rank's facts and those of rank 0. */
struct difference {
    const char *name, *mine, *root; /**< the first difference; a value is NULL where a rank lacks the fact */
    char others[OTHERS_BYTES];      /**< names of the other facts that differ */
};

static void note_difference(struct difference *d, const char *name, const char *mine, const char *root)
{
    const size_t used = strlen(d->others);
    if (d->name != NULL) {
        snprintf(d->others + used, sizeof d->others - used, "%s%s", used == 0 ? "; also other: " : ", ",
                 name);
        return;
    }
    d->name = name;
    d->mine = mine;
    d->root = root;
}

static void find_differences(const struct hg_facts *mine, const struct hg_facts *root, struct difference *d)
{
    for (const char *at = mine->text; at < mine->text + mine->bytes; at = next_string(next_string(at))) {
        const char *value = find(root, at);
        if (value == NULL || strcmp(value, next_string(at)) != 0)
            note_difference(d, at, next_string(at), value);
    }
    for (const char *at = root->text; at < root->text + root->bytes; at = next_string(next_string(at)))
        if (find(mine, at) == NULL) note_difference(d, at, NULL, next_string(at));
}

/* "num_nodes 7", "no content_sha256" */
static void show(const char *name, const char *value, char *text, size_t bytes)
{
    if (value != NULL)
        snprintf(text, bytes, "%s %.*s", name, SHOWN, value);
    else
        snprintf(text, bytes, "no %s", name);
}

/* Fails unless the facts are those of rank 0, which runs on `host`. */
static hg_status compare_with_root(const struct hg_comm *comm, hg_status code, const char *what,
                                   const struct hg_facts *mine, const struct hg_facts *root, const char *host)
{
    struct difference d = {.name = NULL};
    char here[HOST_BYTES], has[2 * SHOWN];
    find_differences(mine, root, &d);
    if (d.name == NULL) return HG_OK;
    name_host(here);
    show(d.name, d.mine, has, sizeof has);
    return hg_fail(code, what, "host %s (rank %d) has %s, host %s (rank 0) %.*s%s", here, comm->rank, has,
                   host, SHOWN, d.root != NULL ? d.root : "none", d.others);
}

/* Broadcasts the facts of rank 0 and the name of its host. Collective. */
static hg_status share_root_facts(const struct hg_comm *comm, const struct hg_facts *mine,
                                  struct hg_facts *root, struct header *header)
{
    *header = (struct header){.bytes = mine->bytes};
    name_host(header->host);
    hg_comm_bcast(comm, header, sizeof *header, 0);
    root->bytes = header->bytes;
    HG_TRY(hg_agree(comm, HG_NEW(root->text, root->bytes)));
    if (comm->rank == 0 && mine->bytes > 0) memcpy(root->text, mine->text, (size_t)mine->bytes);
    hg_comm_bcast(comm, root->text, root->bytes, 0);
    return HG_OK;
}

hg_status hg_facts_compare(const struct hg_comm *comm, hg_status code, const char *what,
                           struct hg_facts *facts)
{
    struct hg_facts root = {0};
    struct header header;
    hg_status status = hg_agree(comm, facts->status);
    if (status == HG_OK) status = share_root_facts(comm, facts, &root, &header);
    if (status == HG_OK)
        status = hg_agree(comm, compare_with_root(comm, code, what, facts, &root, header.host));
    hg_facts_destroy(&root);
    return status;
}

hg_status hg_agree_alike(const struct hg_comm *comm, hg_status mine)
{
    int64_t some_good = mine == HG_OK;
    hg_comm_max_i64(comm, &some_good, 1);
    if (mine != HG_OK && some_good) {
        char host[HOST_BYTES], message[1024];
        name_host(host);
        snprintf(message, sizeof message, "%s (on host %s, rank %d; not on every rank)", hg_status_message(),
                 host, comm->rank);
        hg_status_set_message(message);
    }
    return hg_agree(comm, mine);
}
