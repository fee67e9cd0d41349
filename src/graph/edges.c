#include "graph/edges.h"

#include "base/limits.h"
#include "base/mem.h"

/* Makes the chunk of the next edge, if it is not there. */
static hg_status begin_chunk(struct hg_edges *edges)
{
    const int64_t c = edges->count / HG_EDGES_CHUNK;
    HG_TRY(hg_limit_check("import", "edges", edges->count));
    HG_TRY(HG_RESERVE(edges->chunk, &edges->chunks, c + 1));
    struct hg_edge_chunk *chunk = &edges->chunk[c];
    if (chunk->narrow != NULL || chunk->wide != NULL) return HG_OK;
    return HG_NEW_UNSET(chunk->narrow, HG_EDGES_CHUNK);
}

/* Gives the first n edges of a chunk 64 bits per end. */
static hg_status widen(struct hg_edge_chunk *chunk, int64_t n)
{
    if (chunk->wide != NULL) return HG_OK;
    HG_TRY(HG_NEW_UNSET(chunk->wide, HG_EDGES_CHUNK));
    for (int64_t k = 0; k < n; k++)
        chunk->wide[k] = (struct hg_ends){chunk->narrow[k][0], chunk->narrow[k][1]};
    HG_FREE(chunk->narrow);
    return HG_OK;
}

static bool fits(hg_gid node)
{
    return node >= 0 && node <= UINT32_MAX;
}

static void note_range(struct hg_edges *edges, struct hg_ends ends)
{
    const hg_gid low = hg_min_i64(ends.source, ends.target), high = hg_max_i64(ends.source, ends.target);
    edges->least = edges->count > 0 ? hg_min_i64(edges->least, low) : low;
    edges->most = edges->count > 0 ? hg_max_i64(edges->most, high) : high;
}

static hg_status append_ends(struct hg_edges *edges, struct hg_ends ends)
{
    const int64_t at = edges->count % HG_EDGES_CHUNK;
    if (at == 0) HG_TRY(begin_chunk(edges));
    struct hg_edge_chunk *chunk = &edges->chunk[edges->count / HG_EDGES_CHUNK];
    if (!fits(ends.source) || !fits(ends.target)) HG_TRY(widen(chunk, at));
    if (chunk->wide != NULL) {
        chunk->wide[at] = ends;
    } else {
        chunk->narrow[at][0] = (uint32_t)ends.source;
        chunk->narrow[at][1] = (uint32_t)ends.target;
    }
    note_range(edges, ends);
    edges->count++;
    return HG_OK;
}

static hg_status begin_run(struct hg_edges *edges, hg_gid id)
{
    HG_TRY(HG_RESERVE(edges->run, &edges->run_capacity, edges->runs + 1));
    edges->run[edges->runs++] = (struct hg_edge_run){edges->count, id};
    return HG_OK;
}

static bool continues(const struct hg_edges *edges, hg_gid id)
{
    const struct hg_edge_run *last = edges->runs > 0 ? &edges->run[edges->runs - 1] : NULL;
    return last != NULL && last->id + edges->count - last->first == id;
}

hg_status hg_edges_append(struct hg_edges *edges, hg_gid source, hg_gid target, hg_gid id,
                          const hg_real *attr)
{
    const int64_t cols = edges->attr_cols, at = edges->count * cols;
    HG_TRY(HG_RESERVE(edges->attr, &edges->attr_capacity, attr != NULL ? at + cols : 0));
    for (int64_t f = 0; f < cols && attr != NULL; f++) edges->attr[at + f] = attr[f];
    if (!continues(edges, id)) HG_TRY(begin_run(edges, id));
    return append_ends(edges, (struct hg_ends){source, target});
}

hg_status hg_edges_append_run(struct hg_edges *edges, const struct hg_ends *ends, int64_t n, hg_gid id)
{
    if (n > 0) HG_TRY(begin_run(edges, id));
    for (int64_t k = 0; k < n; k++) HG_TRY(append_ends(edges, ends[k]));
    return HG_OK;
}

int64_t hg_edges_run_of(const struct hg_edges *edges, int64_t k)
{
    int64_t low = 0, high = edges->runs;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (edges->run[middle].first <= k)
            low = middle;
        else
            high = middle;
    }
    return low;
}

hg_gid hg_edges_id(const struct hg_edges *edges, int64_t k)
{
    const struct hg_edge_run *run = &edges->run[hg_edges_run_of(edges, k)];
    return run->id + k - run->first;
}

static void free_chunk(struct hg_edge_chunk *chunk)
{
    HG_FREE(chunk->narrow);
    HG_FREE(chunk->wide);
}

void hg_edges_release(struct hg_edges *edges, int64_t k)
{
    for (int64_t c = k / HG_EDGES_CHUNK - 1; c >= 0; c--) {
        if (edges->chunk[c].narrow == NULL && edges->chunk[c].wide == NULL) return;
        free_chunk(&edges->chunk[c]);
    }
}

void hg_edges_destroy(struct hg_edges *edges)
{
    for (int64_t c = 0; c < edges->chunks; c++) free_chunk(&edges->chunk[c]);
    HG_FREE(edges->chunk);
    HG_FREE(edges->run);
    HG_FREE(edges->attr);
    *edges = (struct hg_edges){0};
}
