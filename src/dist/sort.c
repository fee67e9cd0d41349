#include "dist/sort.h"

#include "base/mem.h"
#include "dist/route.h"

hg_status hg_keys_add(struct hg_keys *keys, uint64_t key)
{
    HG_TRY(HG_RESERVE(keys->key, &keys->capacity, keys->count + 1));
    keys->key[keys->count++] = key;
    return HG_OK;
}

hg_status hg_keys_insert(struct hg_keys *keys, uint64_t key)
{
    if (keys->count == keys->capacity) {
        HG_TRY(hg_keys_unique(keys, 0));
        /* double the capacity even if few duplicates were dropped, so that the next sort is far away */
        HG_TRY(HG_RESERVE(keys->key, &keys->capacity, 2 * keys->count));
    }
    return hg_keys_add(keys, key);
}

/* One pass of the radix sort: a stable sort by the byte at `shift`. False, with nothing done, when all keys have the
 * same byte there. */
static bool radix_pass(const uint64_t *from, uint64_t *to, int64_t n, int shift)
{
    int64_t start[257] = {0};
    for (int64_t k = 0; k < n; k++) start[(from[k] >> shift & 255) + 1]++;
    for (int b = 0; b < 256; b++) {
        if (start[b + 1] == n) return false;
        start[b + 1] += start[b];
    }
    for (int64_t k = 0; k < n; k++) to[start[from[k] >> shift & 255]++] = from[k];
    return true;
}

static void insertion_sort(uint64_t *key, int64_t n)
{
    for (int64_t k = 1; k < n; k++) {
        const uint64_t moved = key[k];
        int64_t p = k;
        for (; p > 0 && key[p - 1] > moved; p--) key[p] = key[p - 1];
        key[p] = moved;
    }
}

static hg_status radix_sort(uint64_t *key, int64_t n)
{
    uint64_t *scratch = NULL, *from = key;
    HG_TRY(HG_NEW(scratch, n));
    uint64_t *to = scratch;
    for (int shift = 0; shift < 64; shift += 8) {
        if (!radix_pass(from, to, n, shift)) continue;
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != key)
        for (int64_t k = 0; k < n; k++) key[k] = from[k];
    hg_mem_free(scratch);
    return HG_OK;
}

static hg_status sort(uint64_t *key, int64_t n)
{
    if (n > 32) return radix_sort(key, n);
    insertion_sort(key, n);
    return HG_OK;
}

hg_status hg_keys_sort(struct hg_keys *keys)
{
    return sort(keys->key, keys->count);
}

hg_status hg_keys_unique(struct hg_keys *keys, int64_t from)
{
    uint64_t *key = keys->key + from;
    const int64_t n = keys->count - from;
    if (n < 2) return HG_OK;
    HG_TRY(sort(key, n));
    int64_t kept = 1;
    for (int64_t k = 1; k < n; k++)
        if (key[k] != key[kept - 1]) key[kept++] = key[k];
    keys->count = from + kept;
    return HG_OK;
}

/* Index of `key` among keys [low, high), or -1. */
static int64_t find_between(const struct hg_keys *keys, uint64_t key, int64_t low, int64_t high)
{
    const int64_t end = high;
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (keys->key[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && keys->key[low] == key ? low : -1;
}

int64_t hg_keys_find(const struct hg_keys *keys, uint64_t key)
{
    return find_between(keys, key, 0, keys->count);
}

hg_status hg_key_index_create(const struct hg_keys *keys, struct hg_key_index *index)
{
    enum { KEYS_PER_INTERVAL = 4 };
    const uint64_t span = keys->count > 0 ? keys->key[keys->count - 1] - keys->key[0] : 0;
    *index = (struct hg_key_index){.keys = keys};
    while (span >> index->shift > (uint64_t)(keys->count / KEYS_PER_INTERVAL)) index->shift++;
    index->intervals = keys->count > 0 ? (int64_t)(span >> index->shift) + 1 : 0;
    HG_TRY(HG_NEW(index->start, index->intervals + 1));
    for (int64_t k = 0; k < keys->count; k++)
        index->start[((keys->key[k] - keys->key[0]) >> index->shift) + 1]++;
    for (int64_t b = 0; b < index->intervals; b++) index->start[b + 1] += index->start[b];
    return HG_OK;
}

void hg_key_index_destroy(struct hg_key_index *index)
{
    HG_FREE(index->start);
}

int64_t hg_key_index_find(const struct hg_key_index *index, uint64_t key)
{
    const struct hg_keys *keys = index->keys;
    if (keys->count == 0 || key < keys->key[0] || key > keys->key[keys->count - 1]) return -1;
    const int64_t *start = index->start + ((key - keys->key[0]) >> index->shift);
    return find_between(keys, key, start[0], start[1]);
}

void hg_keys_destroy(struct hg_keys *keys)
{
    HG_FREE(keys->key);
    keys->count = keys->capacity = 0;
}

/* *grouped [count]: the keys, grouped by the rank whose block holds their low number. */
static hg_status group_by_block(int64_t total, const struct hg_keys *keys, struct hg_route *route,
                                uint64_t **grouped)
{
    const int size = route->comm->size;
    for (int64_t k = 0; k < keys->count; k++)
        hg_route_count(route, hg_block_owner(total, size, hg_key_low(keys->key[k])), 1);
    HG_TRY(HG_NEW(*grouped, keys->count));
    hg_route_pack(route);
    for (int64_t k = 0; k < keys->count; k++) {
        const int owner = hg_block_owner(total, size, hg_key_low(keys->key[k]));
        (*grouped)[hg_route_next(route, owner, 1)] = keys->key[k];
    }
    return HG_OK;
}

hg_status hg_keys_share(const struct hg_comm *comm, int64_t total, struct hg_keys *keys)
{
    struct hg_route route;
    uint64_t *grouped = NULL;
    void *arrived = NULL;
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = hg_keys_unique(keys, 0);
    if (status == HG_OK) status = group_by_block(total, keys, &route, &grouped);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = hg_route_send(&route, sizeof *grouped, grouped, &arrived);
    hg_keys_destroy(keys);
    if (status == HG_OK) {
        *keys = (struct hg_keys){.count = route.arrived, .capacity = route.arrived, .key = arrived};
        status = hg_agree(comm, hg_keys_unique(keys, 0));
    }
    hg_mem_free(grouped);
    hg_route_destroy(&route);
    return status;
}
