#include "partition/owner_halo.h"

#include "base/mem.h"

hg_status hg_nets_of_cells_create(const struct hg_nets *nets, int64_t cells, struct hg_nets_of_cells *of)
{
    const int64_t entries = nets->indptr[nets->count];
    *of = (struct hg_nets_of_cells){.nets = nets};
    HG_TRY(HG_NEW(of->first, cells + 2));
    HG_TRY(HG_NEW_UNSET(of->net, entries));
    int64_t *next = of->first + 1; /* so that first is right after the nets have been entered */
    for (int64_t k = 0; k < entries; k++) next[nets->cells[k] + 1]++;
    for (int64_t c = 0; c < cells; c++) next[c + 1] += next[c];
    for (int64_t n = 0; n < nets->count; n++)
        for (int64_t k = nets->indptr[n]; k < nets->indptr[n + 1]; k++) of->net[next[nets->cells[k]]++] = n;
    return HG_OK;
}

void hg_nets_of_cells_destroy(struct hg_nets_of_cells *of)
{
    HG_FREE(of->first);
    HG_FREE(of->net);
}

/* Number of cells of net n, other than cell c (-1: all), that a rank owns. */
static int64_t owned_by(const struct hg_owner_halo *h, int64_t n, int64_t c, int rank)
{
    int64_t count = 0;
    for (int64_t k = h->nets->indptr[n]; k < h->nets->indptr[n + 1]; k++)
        count += h->nets->cells[k] != c && h->owner[h->nets->cells[k]] == rank;
    return count;
}

/* What counting one net needs. */
struct counting {
    int64_t *count; /* [ranks] cells of the net of each rank; zeros between nets */
    int *seen;      /* [ranks] the ranks that own cells of the net */
};

/* Counts the halo rows of net n, and enters them into `near`. */
static void count_net(struct hg_owner_halo *h, int64_t n, const struct counting *c)
{
    const int64_t *first = h->nets->cells + h->nets->indptr[n],
                  *end = h->nets->cells + h->nets->indptr[n + 1];
    const int64_t rows = h->nets->rows[n];
    int seen = 0;
    for (const int64_t *cell = first; cell < end; cell++)
        if (c->count[h->owner[*cell]]++ == 0) c->seen[seen++] = h->owner[*cell];
    for (int k = 1; k < seen; k++) h->rows[c->seen[k]] += rows; /* seen[0] owns the nodes */
    for (const int64_t *cell = first; h->near != NULL && cell < end; cell++)
        for (int k = 0; k < seen; k++)
            if (c->count[c->seen[k]] > (c->seen[k] == h->owner[*cell]))
                h->near[*cell * h->ranks + c->seen[k]] += rows;
    for (const int64_t *cell = first + 1; h->foreign != NULL && cell < end; cell++) h->foreign[*cell] += rows;
    for (int k = 0; k < seen; k++) c->count[c->seen[k]] = 0;
}

hg_status hg_owner_halo_create(const struct hg_nets_of_cells *of, int64_t cells, int ranks, int *owner,
                               bool near, struct hg_owner_halo *halo)
{
    struct counting counting = {0};
    *halo = (struct hg_owner_halo){.nets = of->nets, .of = of, .ranks = ranks, .owner = owner};
    hg_status status = HG_NEW(halo->rows, ranks);
    if (status == HG_OK && near) status = HG_NEW(halo->near, cells * ranks);
    if (status == HG_OK && near) status = HG_NEW(halo->foreign, cells);
    if (status == HG_OK) status = HG_NEW(counting.count, ranks);
    if (status == HG_OK) status = HG_NEW_UNSET(counting.seen, ranks);
    for (int64_t n = 0; status == HG_OK && n < of->nets->count; n++) count_net(halo, n, &counting);
    for (int r = 0; status == HG_OK && r < ranks; r++) halo->total += halo->rows[r];
    hg_mem_free(counting.count);
    hg_mem_free(counting.seen);
    return status;
}

void hg_owner_halo_destroy(struct hg_owner_halo *halo)
{
    HG_FREE(halo->rows);
    HG_FREE(halo->near);
    HG_FREE(halo->foreign);
}

/* Changes `near` of the other cells of net n for one rank, when cell c leaves it (sign -1) or comes to it (1). others:
 * how many other cells of the net the rank owns: if it owns one, only that cell sees a difference, if more, none. */
static void change_near(struct hg_owner_halo *h, int64_t n, int64_t c, int rank, int64_t others, int sign)
{
    if (others > 1) return;
    for (int64_t k = h->nets->indptr[n]; k < h->nets->indptr[n + 1]; k++) {
        const int64_t d = h->nets->cells[k];
        if (d != c && (others == 0 || h->owner[d] == rank))
            h->near[d * h->ranks + rank] += sign * h->nets->rows[n];
    }
}

/* The halo rows of net n move when its cell c goes from one rank to another, which own `stay` and `there` of its other
 * cells. */
static void change_rows(struct hg_owner_halo *h, int64_t n, int64_t c, const int rank[2],
                        const int64_t others[2])
{
    const int64_t rows = h->nets->rows[n];
    const bool home = h->nets->cells[h->nets->indptr[n]] == c;
    if (home) {
        if (others[0] > 0) h->rows[rank[0]] += rows;
        if (others[1] > 0) h->rows[rank[1]] -= rows;
    } else {
        if (others[0] == 0) h->rows[rank[0]] -= rows;
        if (others[1] == 0) h->rows[rank[1]] += rows;
    }
    h->total += rows * ((others[1] == 0) - (others[0] == 0));
}

void hg_halo_assign(struct hg_owner_halo *halo, int64_t c, int to)
{
    const int rank[2] = {halo->owner[c], to};
    for (int64_t k = halo->of->first[c]; k < halo->of->first[c + 1]; k++) {
        const int64_t n = halo->of->net[k];
        halo->visited += halo->nets->indptr[n + 1] - halo->nets->indptr[n];
        const int64_t others[2] = {owned_by(halo, n, c, rank[0]), owned_by(halo, n, c, rank[1])};
        change_rows(halo, n, c, rank, others);
        if (halo->near == NULL) continue;
        change_near(halo, n, c, rank[0], others[0], -1);
        change_near(halo, n, c, rank[1], others[1], 1);
    }
    halo->owner[c] = to;
}
