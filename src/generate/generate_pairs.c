#include "generate/generate_pairs.h"

#include "base/alive.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/rng.h"
#include "dist/kth.h"
#include "dist/route.h"
#include "dist/sort.h"
#include "generate/generate_streams.h"
#include <math.h>
#include <string.h>

enum { MIN_PART = 1 << 20 };

/* A directed edge is a key target << 32 | source: sorted keys are the rows of a graph. */
static uint64_t key_of(hg_gid target, hg_gid source)
{
    return (uint64_t)target << 32 | (uint64_t)source;
}
static uint64_t reversed(uint64_t key)
{
    return key << 32 | key >> 32;
}
static hg_gid key_target(uint64_t key)
{
    return (hg_gid)(key >> 32);
}
static hg_gid key_source(uint64_t key)
{
    return (hg_gid)(key & UINT32_MAX);
}

/* Makes the draws [range.first, range.end) and keeps the keys of those that are not void: void draws leave key 0, a
 * self-loop, and self-loops are dropped. */
static hg_status draw(const struct hg_pair_source *source, struct hg_range range, struct hg_keys *drawn)
{
    drawn->count = drawn->capacity = range.end - range.first;
    HG_TRY(HG_NEW(drawn->key, drawn->count));
#pragma omp parallel for schedule(static)
    for (int64_t k = 0; k < drawn->count; k++) {
        hg_gid pair[2];
        if (source->draw(source->context, (uint64_t)(range.first + k), pair))
            drawn->key[k] = key_of(pair[0], pair[1]);
    }
    int64_t kept = 0;
    for (int64_t k = 0; k < drawn->count; k++)
        if (key_target(drawn->key[k]) != key_source(drawn->key[k])) drawn->key[kept++] = drawn->key[k];
    drawn->count = kept;
    return HG_OK;
}

/* *send: both directions of every drawn pair, grouped by the owner of the target. */
static hg_status pack(const struct hg_keys *drawn, hg_gid nodes, struct hg_route *route, uint64_t **send)
{
    const int size = route->comm->size;
    for (int64_t k = 0; k < drawn->count; k++) {
        hg_route_count(route, hg_block_owner(nodes, size, key_target(drawn->key[k])), 1);
        hg_route_count(route, hg_block_owner(nodes, size, key_source(drawn->key[k])), 1);
    }
    HG_TRY(HG_NEW(*send, route->count));
    hg_route_pack(route);
    for (int64_t k = 0; k < drawn->count; k++) {
        const uint64_t key = drawn->key[k];
        (*send)[hg_route_next(route, hg_block_owner(nodes, size, key_target(key)), 1)] = key;
        (*send)[hg_route_next(route, hg_block_owner(nodes, size, key_source(key)), 1)] = reversed(key);
    }
    return HG_OK;
}

/* Grows the array to the exact size, because keys take most of the memory. */
static hg_status append(struct hg_keys *keys, const uint64_t *received, int64_t count)
{
    uint64_t *grown = hg_mem_resize(keys->key, keys->count, keys->count + count, sizeof *grown);
    if (grown == NULL) return HG_NOMEM;
    memcpy(grown + keys->count, received, (size_t)count * sizeof *grown);
    *keys = (struct hg_keys){.key = grown, .count = keys->count + count, .capacity = keys->count + count};
    return HG_OK;
}

/* Sends both directions of the drawn pairs to the owners of their targets, and appends what arrives to `keys`. Frees
 * `drawn`. Collective. */
static hg_status send_pairs(const struct hg_comm *comm, struct hg_keys *drawn, hg_gid nodes,
                            struct hg_keys *keys)
{
    struct hg_route route;
    uint64_t *send = NULL;
    void *received = NULL;
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = pack(drawn, nodes, &route, &send);
    hg_keys_destroy(drawn);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *send, send, &received);
    hg_mem_free(send);
    if (status == HG_OK) status = hg_agree(comm, append(keys, received, route.arrived));
    hg_mem_free(received);
    hg_route_destroy(&route);
    return status;
}

/* Makes these draws, and adds their pairs to the sorted set `keys`. Collective. */
static hg_status draw_range(const struct hg_comm *comm, const struct hg_pair_source *source, hg_gid nodes,
                            struct hg_range draws, struct hg_keys *keys)
{
    struct hg_keys drawn = {0};
    const struct hg_range block = hg_block_range(draws.end - draws.first, comm->rank, comm->size);
    const struct hg_range mine = {draws.first + block.first, draws.first + block.end};
    hg_status status = hg_agree(comm, draw(source, mine, &drawn));
    if (status == HG_OK) status = send_pairs(comm, &drawn, nodes, keys);
    hg_keys_destroy(&drawn);
    return status == HG_OK ? hg_agree(comm, hg_keys_unique(keys, 0)) : status;
}

/* Makes a round of draws, a part at a time, so that a part takes no more memory than the edges that are wanted.
 * Collective. */
static hg_status draw_round(const struct hg_comm *comm, const struct hg_pair_source *source,
                            const struct hg_graph_info *info, struct hg_range draws, int64_t wanted,
                            struct hg_keys *keys)
{
    const int64_t max_draws = hg_max_i64(wanted, MIN_PART);
    for (hg_gid first = draws.first; first < draws.end; first += max_draws) {
        const struct hg_range part = {first, hg_min_i64(first + max_draws, draws.end)};
        HG_TRY(draw_range(comm, source, info->num_nodes, part, keys));
        hg_alive_done(keys->count);
    }
    return HG_OK;
}

/* Number of draws for the next round: the missing keys, times the draws per new key in the last round, and 5 % more.
 */
static int64_t next_draws(int64_t missing, int64_t draws, int64_t gained)
{
    const double per_key = (double)draws / (double)hg_max_i64(gained, 1);
    return hg_min_i64((int64_t)(1.05 * (double)missing * per_key) + 16, 2 * draws + 1024);
}

/* Keeps the `wanted` keys whose pairs have the smallest hashes; both directions of a pair have the same hash.
 * Collective. */
static hg_status drop_surplus(const struct hg_comm *comm, uint64_t seed, int64_t wanted, struct hg_keys *keys)
{
    const struct hg_rng rng = hg_rng_stream(seed, HG_RNG_GENERATE, 0, HG_STREAM_SURPLUS);
    uint64_t *hash = NULL, threshold = 0;
    hg_status status = hg_agree(comm, HG_NEW(hash, keys->count));
    for (int64_t k = 0; status == HG_OK && k < keys->count; k++) {
        const uint64_t key = keys->key[k], back = reversed(key);
        const struct hg_rng_block bits = hg_rng_bits(rng, key < back ? key : back, 0);
        hash[k] = (uint64_t)bits.word[0] << 32 | bits.word[1];
    }
    if (status == HG_OK) status = hg_select_smallest(comm, hash, keys->count, wanted, &threshold);
    int64_t kept = 0;
    for (int64_t k = 0; status == HG_OK && k < keys->count; k++)
        if (hash[k] <= threshold) keys->key[kept++] = keys->key[k];
    keys->count = kept;
    hg_mem_free(hash);
    return status;
}

static int64_t total(const struct hg_comm *comm, int64_t mine)
{
    hg_comm_sum_i64(comm, &mine, 1);
    return mine;
}

/* Whether finding the missing keys would take more draws than are allowed: the rarest pairs of a nearly complete
 * graph would take for ever. New keys only become rarer, so the last round's rate gives a lower bound of the draws
 * that are still needed. */
static bool needs_too_many(int64_t drawn, int64_t wanted, int64_t missing, int64_t draws, int64_t gained)
{
    const double at_least = (double)missing * (double)draws / (double)hg_max_i64(gained, 1);
    return missing > 0 && (double)drawn + at_least > hg_generate_max_draws(wanted / 2);
}

double hg_generate_expected(double pairs, double chance, double draws)
{
    return pairs * -expm1(draws * log1p(-fmin(chance, 0.5)));
}

hg_status hg_generate_too_dense(const struct hg_graph_info *info, int64_t pairs)
{
    return hg_fail(
        HG_USAGE, info->name,
        "its random pairs repeat too often for %lld distinct edges among %lld nodes: ask for fewer",
        (long long)(2 * pairs), (long long)info->num_nodes);
}

/* Draws until there are `wanted` distinct keys on all ranks together, and drops what is too much. Collective. */
static hg_status find_keys(const struct hg_comm *comm, const struct hg_pair_source *source,
                           const struct hg_graph_info *info, int64_t wanted, struct hg_keys *keys)
{
    int64_t first = 0, draws = wanted / 2, found = 0;
    hg_alive_phase("drawing edges", -1);
    hg_alive_total("edges", wanted / comm->size);
    while (found < wanted) {
        HG_TRY(draw_round(comm, source, info, (struct hg_range){first, first + draws}, wanted, keys));
        const int64_t now = total(comm, keys->count), gained = now - found;
        first += draws;
        found = now;
        if (needs_too_many(first, wanted, wanted - now, draws, gained))
            return hg_generate_too_dense(info, wanted / 2);
        draws = next_draws(wanted - now, draws, gained);
    }
    return found == wanted ? HG_OK : drop_surplus(comm, source->seed, wanted, keys);
}

void hg_generate_number_edges(const struct hg_comm *comm, struct hg_node_table *rows)
{
    const hg_eid edges = hg_node_table_edges(rows);
    const int64_t first = hg_comm_exscan_i64(comm, edges);
    for (hg_eid e = 0; e < edges; e++) rows->edge_id[e] = first + e;
    rows->info.num_edges = total(comm, edges);
}

static hg_status rows_from_keys(const struct hg_comm *comm, const struct hg_keys *keys,
                                struct hg_node_table *rows)
{
    HG_TRY(hg_limit_check(rows->info.name, "edges", keys->count));
    HG_TRY(hg_node_table_begin_block(comm, rows));
    HG_TRY(HG_NEW(rows->indices, keys->count));
    HG_TRY(HG_NEW(rows->edge_id, keys->count));
    const hg_gid first = hg_block_range(rows->info.num_nodes, comm->rank, comm->size).first;
    for (int64_t k = 0; k < keys->count; k++) {
        rows->indptr[key_target(keys->key[k]) - first + 1]++;
        rows->indices[k] = key_source(keys->key[k]);
    }
    for (int64_t i = 0; i < rows->count; i++) rows->indptr[i + 1] += rows->indptr[i];
    return HG_OK;
}

hg_status hg_generate_pairs(const struct hg_comm *comm, const struct hg_pair_source *source, int64_t pairs,
                            struct hg_node_table *rows)
{
    struct hg_keys keys = {0};
    hg_status status = find_keys(comm, source, &rows->info, 2 * pairs, &keys);
    if (status == HG_OK) status = hg_agree(comm, rows_from_keys(comm, &keys, rows));
    hg_keys_destroy(&keys);
    if (status == HG_OK) hg_generate_number_edges(comm, rows);
    rows->info.symmetric = true;
    return status;
}
