#include "io/text/parts.h"

#include "base/mem.h"
#include "dist/route.h"
#include "io/text/text.h"
#include <stdio.h>
#include <string.h>

/* The file as rank 0 reads it. */
struct parts {
    const char *path;
    struct hg_text text;
    int64_t nodes, limit;
    int64_t count; /* nodes read so far */
};

/* Removes spaces and tabs at both ends of a line. */
static char *trim(char *line)
{
    line += strspn(line, " \t");
    size_t length = strlen(line);
    while (length > 0 && strchr(" \t", line[length - 1]) != NULL) length--;
    line[length] = '\0';
    return line;
}

static hg_status too_few(const struct parts *p)
{
    return hg_fail(HG_FAILED, p->path, "has %lld lines, but the graph has %lld nodes", (long long)p->count,
                   (long long)p->nodes);
}

static hg_status read_part(struct parts *p, uint32_t *part)
{
    char *line, why[64];
    int64_t value = 0;
    HG_TRY(hg_text_next(&p->text, &line));
    if (line == NULL) return too_few(p);
    line = trim(line);
    if (!hg_text_integer(line, &value)) return hg_text_fail(&p->text, "is not the number of a part", line);
    snprintf(why, sizeof why, "the number of a part is at least 0 and below %lld", (long long)p->limit);
    if (value < 0 || value >= p->limit) return hg_text_fail(&p->text, why, line);
    *part = (uint32_t)value;
    p->count++;
    return HG_OK;
}

/* Only blank lines may follow. */
static hg_status read_end(struct parts *p)
{
    char *line, why[64];
    snprintf(why, sizeof why, "the graph has only %lld nodes", (long long)p->nodes);
    do {
        HG_TRY(hg_text_next(&p->text, &line));
        if (line != NULL && !hg_text_blank(line)) return hg_text_fail(&p->text, why, NULL);
    } while (line != NULL);
    return HG_OK;
}

/* On rank 0, reads the numbers of rank r's block; on all ranks, sends them there. Collective. */
static hg_status pass_block(const struct hg_comm *comm, struct parts *p, int r, uint32_t **part)
{
    const struct hg_range block = hg_block_range(p->nodes, r, comm->size);
    const int64_t n = comm->rank == 0 ? block.end - block.first : 0;
    struct hg_route route;
    uint32_t *numbers = NULL;
    void *arrived = NULL;
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = HG_NEW(numbers, n);
    for (int64_t k = 0; status == HG_OK && k < n; k++) status = read_part(p, &numbers[k]);
    if (status == HG_OK) hg_route_count(&route, r, n);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *numbers, numbers, &arrived);
    if (comm->rank == r)
        *part = arrived;
    else
        hg_mem_free(arrived);
    hg_mem_free(numbers);
    hg_route_destroy(&route);
    return status;
}

hg_status hg_parts_read(const struct hg_comm *comm, const char *path, int64_t nodes, int64_t limit,
                        uint32_t **part)
{
    struct parts p = {.path = path, .nodes = nodes, .limit = limit};
    *part = NULL;
    hg_status status = hg_agree(comm, comm->rank == 0 ? hg_text_open(path, &p.text) : HG_OK);
    for (int r = 0; status == HG_OK && r < comm->size; r++) status = pass_block(comm, &p, r, part);
    if (status == HG_OK) status = hg_agree(comm, comm->rank == 0 ? read_end(&p) : HG_OK);
    if (comm->rank == 0) hg_text_close(&p.text);
    return status;
}
