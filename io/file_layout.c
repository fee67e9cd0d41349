#include "io/file_layout.h"

#include "base/mem.h"
#include <stdlib.h>

/* A run on its way to the rank that orders it, and back: sizes go, places return. */
struct record {
    hg_gid first;
    int64_t count, edges, values;
    int64_t arrival; /* among the records that its rank received */
};

static int64_t edges_before(const struct hg_rows *rows, int64_t row)
{
    return rows->indptr[row];
}

static int64_t values_before(const struct hg_rows *rows, int64_t row)
{
    return rows->x.indptr != NULL ? rows->x.indptr[row] : 0;
}

static bool starts_run(const struct hg_rows *rows, int64_t row)
{
    return row == 0 || rows->stored[row] != rows->stored[row - 1] + 1;
}

/* Cuts the rows into runs; send_counts[size]: runs by the rank whose block they start in. */
static hg_status cut(const struct hg_comm *comm, const char *what, const struct hg_rows *rows,
                     struct hg_runs *runs, int64_t *send_counts)
{
    const hg_gid n = rows->info.num_nodes;
    for (int64_t row = 0; row < rows->count; row++) {
        if (rows->stored[row] < 0 || rows->stored[row] >= n ||
            (row > 0 && rows->stored[row] <= rows->stored[row - 1]))
            return hg_fail(HG_FAILED, what, "rows to write must ascend within 0..%lld", (long long)(n - 1));
        runs->count += starts_run(rows, row);
    }
    HG_TRY(HG_NEW(runs->run, runs->count));
    int64_t k = 0;
    for (int64_t row = 0; row < rows->count; row++) {
        if (starts_run(rows, row)) {
            runs->run[k++] = (struct hg_run){.first = rows->stored[row], .row = row};
            send_counts[hg_block_owner(n, comm->size, rows->stored[row])]++;
        }
        runs->run[k - 1].count++;
    }
    return HG_OK;
}

static hg_status make_records(const struct hg_rows *rows, const struct hg_runs *runs, struct record **records)
{
    HG_TRY(HG_NEW(*records, runs->count));
    for (int64_t k = 0; k < runs->count; k++) {
        const struct hg_run *run = &runs->run[k];
        const int64_t end = run->row + run->count;
        (*records)[k] =
            (struct record){run->first, run->count, edges_before(rows, end) - edges_before(rows, run->row),
                            values_before(rows, end) - values_before(rows, run->row), 0};
    }
    return HG_OK;
}

static int by_first(const void *a, const void *b)
{
    const struct record *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

static int by_arrival(const void *a, const void *b)
{
    const struct record *left = a, *right = b;
    return (left->arrival > right->arrival) - (left->arrival < right->arrival);
}

/* Turns sizes into places; sums over all ranks into total[3]: rows, edges, values. False when rows are
 * missing or given twice. Collective in its sums only: it never returns before them. */
static bool place(const struct hg_comm *comm, struct record *records, int64_t n, int64_t total[3])
{
    bool tiled = true;
    int64_t sum[3] = {0}, at[3];
    for (int64_t k = 0; k < n; k++) {
        records[k].arrival = k;
        sum[0] += records[k].count, sum[1] += records[k].edges, sum[2] += records[k].values;
    }
    for (int k = 0; k < 3; k++) {
        at[k] = hg_comm_exscan_i64(comm, sum[k]);
        total[k] = sum[k];
    }
    hg_comm_sum_i64(comm, total, 3);
    qsort(records, (size_t)n, sizeof *records, by_first);
    for (int64_t k = 0; k < n; k++) {
        const struct record size = records[k];
        tiled = tiled && size.first == at[0];
        records[k].edges = at[1];
        records[k].values = at[2];
        at[0] += size.count, at[1] += size.edges, at[2] += size.values;
    }
    qsort(records, (size_t)n, sizeof *records, by_arrival);
    return tiled;
}

static int64_t sum_of(int n, const int64_t *counts)
{
    int64_t sum = 0;
    for (int k = 0; k < n; k++) sum += counts[k];
    return sum;
}

/* Records to the ranks that order them, and back with places. counts: two arrays of `size`, the first filled.
 */
static hg_status trade(const struct hg_comm *comm, const char *what, const struct hg_rows *rows,
                       struct hg_runs *runs, struct record *mine, int64_t *counts)
{
    struct record *received = NULL, *returned = NULL;
    void *block = NULL;
    int64_t total[3] = {0}, *back = counts + comm->size;
    HG_TRY(hg_comm_alltoall(comm, sizeof *mine, mine, counts, &block, back));
    received = block;
    const bool tiled = place(comm, received, sum_of(comm->size, back), total);
    const bool complete = tiled && total[0] == rows->info.num_nodes && total[1] == rows->info.num_edges;
    const hg_status good =
        complete ? HG_OK
                 : hg_fail(HG_FAILED, what, "the ranks' rows and edges are not the whole graph, each once");
    hg_status status = hg_agree(comm, good);
    if (status == HG_OK) status = hg_comm_alltoall(comm, sizeof *received, received, back, &block, counts);
    hg_mem_free(received);
    HG_TRY(status);
    returned = block;
    for (int64_t k = 0; k < runs->count; k++) {
        runs->run[k].edge = returned[k].edges;
        runs->run[k].value = returned[k].values;
    }
    runs->values = total[2];
    hg_mem_free(returned);
    return HG_OK;
}

hg_status hg_runs_create(const struct hg_comm *comm, const char *what, const struct hg_rows *rows,
                         struct hg_runs *runs)
{
    int64_t *counts = NULL;
    struct record *mine = NULL;
    *runs = (struct hg_runs){0};
    hg_status status = HG_NEW(counts, 2 * (int64_t)comm->size);
    if (status == HG_OK) status = cut(comm, what, rows, runs, counts);
    if (status == HG_OK) status = make_records(rows, runs, &mine);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = trade(comm, what, rows, runs, mine, counts);
    hg_mem_free(mine);
    hg_mem_free(counts);
    if (status != HG_OK) hg_runs_destroy(runs);
    return status;
}

void hg_runs_destroy(struct hg_runs *runs)
{
    HG_FREE(runs->run);
    runs->count = 0;
}
