#include "graph/row_order.h"

#include <string.h>

enum { FEW = 48, BYTES = 16, VALUES = 256 };

static bool comes_before(const struct hg_row_edges *edges, hg_eid a, hg_eid b)
{
    if (edges->source[a] != edges->source[b]) return edges->source[a] < edges->source[b];
    return edges->order[a] < edges->order[b];
}

static void swap(const struct hg_row_edges *edges, hg_eid a, hg_eid b)
{
    const hg_gid source = edges->source[a], order = edges->order[a];
    edges->source[a] = edges->source[b];
    edges->order[a] = edges->order[b];
    edges->source[b] = source;
    edges->order[b] = order;
    for (int64_t f = 0; f < edges->cols; f++) {
        hg_real *x = &edges->attr[a * edges->cols + f], *y = &edges->attr[b * edges->cols + f];
        const hg_real value = *x;
        *x = *y;
        *y = value;
    }
}

static void insertion_sort(const struct hg_row_edges *edges, hg_eid first, hg_eid end)
{
    for (hg_eid k = first + 1; k < end; k++)
        for (hg_eid p = k; p > first && comes_before(edges, p, p - 1); p--) swap(edges, p, p - 1);
}

/* The same for edges without features, which are moved out of the way instead of swapped. */
static void insertion_sort_plain(hg_gid *source, hg_gid *order, hg_eid first, hg_eid end)
{
    for (hg_eid k = first + 1; k < end; k++) {
        const hg_gid from = source[k], number = order[k];
        hg_eid p = k;
        for (; p > first && (source[p - 1] > from || (source[p - 1] == from && order[p - 1] > number)); p--) {
            source[p] = source[p - 1];
            order[p] = order[p - 1];
        }
        source[p] = from;
        order[p] = number;
    }
}

static void sort_few(const struct hg_row_edges *edges, hg_eid first, hg_eid end)
{
    if (edges->cols == 0)
        insertion_sort_plain(edges->source, edges->order, first, end);
    else
        insertion_sort(edges, first, end);
}

/* Byte `byte` of the 16 bytes of edge e's source and order; byte 0 is the highest. */
static int byte_of(const struct hg_row_edges *edges, hg_eid e, int byte)
{
    const uint64_t word = (uint64_t)(byte < 8 ? edges->source[e] : edges->order[e]);
    return (int)(word >> (8 * (7 - byte % 8)) & (VALUES - 1));
}

/* The first byte, from `byte` on, in which the edges differ; BYTES: they are all the same. */
static int differing_byte(const struct hg_row_edges *edges, hg_eid first, hg_eid end, int byte)
{
    uint64_t differ[2] = {0, 0};
    for (hg_eid e = first + 1; e < end; e++) {
        differ[0] |= (uint64_t)(edges->source[e] ^ edges->source[first]);
        differ[1] |= (uint64_t)(edges->order[e] ^ edges->order[first]);
    }
    while (byte < BYTES && (differ[byte / 8] >> (8 * (7 - byte % 8)) & (VALUES - 1)) == 0) byte++;
    return byte;
}

/* Permutes the edges so that those with a smaller byte come first. start [VALUES + 1]: where each value begins. */
static void group_by_byte(const struct hg_row_edges *edges, hg_eid first, hg_eid end, int byte, hg_eid *start)
{
    hg_eid next[VALUES];
    memset(start, 0, (VALUES + 1) * sizeof *start);
    start[0] = first;
    for (hg_eid e = first; e < end; e++) start[byte_of(edges, e, byte) + 1]++;
    for (int v = 0; v < VALUES; v++) {
        next[v] = start[v];
        start[v + 1] += start[v];
    }
    for (int v = 0; v < VALUES; v++)
        while (next[v] < start[v + 1]) {
            const int here = byte_of(edges, next[v], byte);
            if (here == v)
                next[v]++;
            else
                swap(edges, next[v], next[here]++);
        }
}

static void sort_from(const struct hg_row_edges *edges, hg_eid first, hg_eid end, int byte)
{
    hg_eid start[VALUES + 1];
    if (end - first > FEW) byte = differing_byte(edges, first, end, byte);
    if (end - first <= FEW || byte == BYTES) {
        sort_few(edges, first, end);
        return;
    }
    group_by_byte(edges, first, end, byte, start);
    for (int v = 0; v < VALUES; v++)
        if (start[v + 1] - start[v] > 1) sort_from(edges, start[v], start[v + 1], byte + 1);
}

void hg_row_sort(const struct hg_row_edges *edges, hg_eid first, hg_eid end)
{
    sort_from(edges, first, end, 0);
}
