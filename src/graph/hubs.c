#include "graph/hubs.h"

#include "base/mem.h"
#include "graph/shard.h"

bool hg_is_hub(const struct hg_adjacency *adjacency, hg_lid i, hg_eid part_edges)
{
    return adjacency->indptr[i + 1] - adjacency->indptr[i] > part_edges;
}

/* End of the part that begins at edge `begin` of a row. Parallel copies of an edge are adjacent and stay in one part,
 * because a copy's ordinal is found by counting back to the first copy. */
static hg_eid part_end(const struct hg_adjacency *adjacency, hg_eid begin, hg_eid row_end, hg_eid part_edges)
{
    hg_eid end = hg_min_i64(begin + part_edges, row_end);
    while (end < row_end && adjacency->indices[end] == adjacency->indices[end - 1]) end++;
    return end;
}

/* Divides hub `row` into parts, writes them to `part` unless it is NULL, and returns their number. */
static hg_lid divide(const struct hg_adjacency *adjacency, hg_lid row, hg_eid part_edges,
                     struct hg_hub_part *part)
{
    hg_lid parts = 0;
    const hg_eid row_end = adjacency->indptr[row + 1];
    for (hg_eid begin = adjacency->indptr[row], end; begin < row_end; begin = end, parts++) {
        end = part_end(adjacency, begin, row_end, part_edges);
        if (part != NULL) part[parts] = (struct hg_hub_part){{begin, end}, row};
    }
    return parts;
}

/* Appends the hubs that have halo rows among their neighbours (with_halo), or those that have none. */
static void append(const struct hg_adjacency *adjacency, hg_lid owned, hg_eid part_edges, bool with_halo,
                   struct hg_hubs *hubs)
{
    for (hg_lid i = 0; i < owned; i++) {
        if (!hg_is_hub(adjacency, i, part_edges) || hg_adjacency_needs_halo(adjacency, i, owned) != with_halo)
            continue;
        hubs->parts += divide(adjacency, i, part_edges, hubs->part + hubs->parts);
        hubs->first[++hubs->count] = hubs->parts;
    }
}

hg_status hg_hubs_create(const struct hg_adjacency *adjacency, hg_lid owned, hg_eid part_edges,
                         struct hg_hubs *hubs)
{
    hg_lid count = 0, parts = 0;
    for (hg_lid i = 0; i < owned; i++) {
        if (!hg_is_hub(adjacency, i, part_edges)) continue;
        parts += divide(adjacency, i, part_edges, NULL);
        count++;
    }
    *hubs = (struct hg_hubs){0};
    HG_TRY(HG_NEW(hubs->first, (int64_t)count + 1));
    HG_TRY(HG_NEW(hubs->part, parts));
    append(adjacency, owned, part_edges, false, hubs);
    hubs->interior_parts = hubs->parts;
    append(adjacency, owned, part_edges, true, hubs);
    return HG_OK;
}

void hg_hubs_destroy(struct hg_hubs *hubs)
{
    HG_FREE(hubs->first);
    HG_FREE(hubs->part);
    *hubs = (struct hg_hubs){0};
}
