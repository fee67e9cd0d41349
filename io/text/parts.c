#include "io/text/parts.h"

#include "base/mem.h"
#include "io/text/text.h"
#include <stdio.h>
#include <string.h>

/* Removes spaces and tabs at both ends of a line. */
static char *trim(char *line)
{
    line += strspn(line, " \t");
    size_t length = strlen(line);
    while (length > 0 && strchr(" \t", line[length - 1]) != NULL) length--;
    line[length] = '\0';
    return line;
}

static hg_status wrong_count(const struct hg_text *text, const char *path, int64_t lines, int64_t nodes)
{
    char why[96];
    if (lines < nodes)
        return hg_fail(HG_FAILED, path, "has parts for %lld nodes, but the graph has %lld", (long long)lines,
                       (long long)nodes);
    snprintf(why, sizeof why, "the graph has only %lld nodes, one a line", (long long)nodes);
    return hg_text_fail(text, why, NULL);
}

static hg_status read_lines(struct hg_text *text, const char *path, int64_t nodes, int64_t limit,
                            const struct hg_range *block, uint32_t *part)
{
    int64_t count = 0;
    for (char *line;;) {
        int64_t value = 0;
        HG_TRY(hg_text_next(text, &line));
        if (line == NULL) break;
        line = trim(line);
        if (line[0] == '\0' && count == nodes) continue;
        if (count == nodes) return wrong_count(text, path, count + 1, nodes);
        if (!hg_text_integer(line, &value)) return hg_text_fail(text, "is not the number of a part", line);
        if (value < 0 || value >= limit) {
            char why[64];
            snprintf(why, sizeof why, "part is not in [0, %lld)", (long long)limit);
            return hg_text_fail(text, why, line);
        }
        if (count >= block->first && count < block->end) part[count - block->first] = (uint32_t)value;
        count++;
    }
    return count < nodes ? wrong_count(text, path, count, nodes) : HG_OK;
}

hg_status hg_parts_read(const struct hg_comm *comm, const char *path, int64_t nodes, int64_t limit,
                        uint32_t **part)
{
    const struct hg_range block = hg_block_range(nodes, comm->rank, comm->size);
    struct hg_text text = {0};
    hg_status status = HG_NEW(*part, block.end - block.first);
    if (status == HG_OK) status = hg_text_open(path, &text);
    if (status == HG_OK) {
        status = read_lines(&text, path, nodes, limit, &block, *part);
        hg_text_close(&text);
    }
    return hg_agree(comm, status);
}
