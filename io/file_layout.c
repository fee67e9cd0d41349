#include "io/file_layout.h"

#include "base/mem.h"
#include "dist/route.h"
#include <stdlib.h>

/* An interval of rows, as it is sent to the rank that sorts it and sent back. */
struct record {
    hg_gid first;
    /* rows; sent: numbers of edges and values; returned: offsets in the file of the first of each */
    int64_t count, edges, values;
    int64_t arrival; /* index among the records that the sorting rank received */
};

static int64_t edges_before(const struct hg_node_table *rows, int64_t row)
{
    return rows->indptr[row];
}

static int64_t values_before(const struct hg_node_table *rows, int64_t row)
{
    return rows->x.indptr != NULL ? rows->x.indptr[row] : 0;
}

static bool starts_interval(const struct hg_node_table *rows, int64_t row)
{
    return row == 0 || rows->stored[row] != rows->stored[row - 1] + 1;
}

/* Divides this rank's rows into intervals, and counts how many go to each rank: an interval goes to the rank whose
 * block (hg_block_range) its first row lies in. Intervals ascend, so they are grouped by that rank. */
static hg_status find_intervals(const char *what, const struct hg_node_table *rows,
                                struct hg_file_layout *layout, struct hg_route *route)
{
    const hg_gid n = rows->info.num_nodes;
    for (int64_t row = 0; row < rows->count; row++) {
        if (rows->stored[row] < 0 || rows->stored[row] >= n ||
            (row > 0 && rows->stored[row] <= rows->stored[row - 1]))
            return hg_fail(HG_FAILED, what, "rows to write must ascend within 0..%lld", (long long)(n - 1));
        layout->count += starts_interval(rows, row);
    }
    HG_TRY(HG_NEW(layout->interval, layout->count));
    int64_t k = 0;
    for (int64_t row = 0; row < rows->count; row++) {
        if (starts_interval(rows, row)) {
            layout->interval[k++] = (struct hg_file_interval){.first = rows->stored[row], .row = row};
            hg_route_count(route, hg_block_owner(n, route->comm->size, rows->stored[row]), 1);
        }
        layout->interval[k - 1].count++;
    }
    return HG_OK;
}

static hg_status make_records(const struct hg_node_table *rows, const struct hg_file_layout *layout,
                              struct record **records)
{
    HG_TRY(HG_NEW(*records, layout->count));
    for (int64_t k = 0; k < layout->count; k++) {
        const struct hg_file_interval *interval = &layout->interval[k];
        const int64_t end = interval->row + interval->count;
        (*records)[k] = (struct record){interval->first, interval->count,
                                        edges_before(rows, end) - edges_before(rows, interval->row),
                                        values_before(rows, end) - values_before(rows, interval->row), 0};
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

/* Sorts the records, and replaces their numbers of edges and values by offsets in the file (prefix sums over all
 * ranks). position: moves from the begin of the window to its end. False when the intervals have gaps or overlap.
 * Collective: it returns only after its communication, also when it returns false. */
static bool assign_offsets(const struct hg_comm *comm, struct record *records, int64_t n,
                           struct hg_file_position *position)
{
    bool tiled = true;
    int64_t *const end[3] = {&position->rows, &position->edges, &position->values};
    int64_t sum[3] = {0}, at[3];
    for (int64_t k = 0; k < n; k++) {
        records[k].arrival = k;
        sum[0] += records[k].count, sum[1] += records[k].edges, sum[2] += records[k].values;
    }
    for (int k = 0; k < 3; k++) at[k] = *end[k] + hg_comm_exscan_i64(comm, sum[k]);
    hg_comm_sum_i64(comm, sum, 3);
    for (int k = 0; k < 3; k++) *end[k] += sum[k];
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

/* Sends the records to the ranks that sort them, and takes the offsets from the answers. Collective. */
static hg_status exchange_records(const char *what, struct hg_file_position *position,
                                  struct hg_file_layout *layout, struct hg_route *route,
                                  const struct record *mine)
{
    const struct hg_comm *comm = route->comm;
    void *arrived = NULL, *back = NULL;
    HG_TRY(hg_route_send(route, sizeof *mine, mine, &arrived));
    const bool tiled = assign_offsets(comm, arrived, route->arrived, position);
    hg_status status = hg_agree(comm, tiled ? HG_OK : hg_file_not_whole(what));
    if (status == HG_OK) status = hg_route_answer(route, sizeof *mine, arrived, &back);
    for (int64_t k = 0; status == HG_OK && k < layout->count; k++) {
        const struct record *answer = (const struct record *)back + k;
        layout->interval[k].edge = answer->edges;
        layout->interval[k].value = answer->values;
    }
    hg_mem_free(arrived);
    hg_mem_free(back);
    return status;
}

hg_status hg_file_not_whole(const char *what)
{
    return hg_fail(HG_FAILED, what, "the ranks' rows and edges are not the whole graph, each once");
}

hg_status hg_file_layout_create(const struct hg_comm *comm, const char *what,
                                const struct hg_node_table *rows, struct hg_file_position *position,
                                struct hg_file_layout *layout)
{
    struct hg_route route;
    struct record *mine = NULL;
    *layout = (struct hg_file_layout){0};
    hg_status status = hg_route_create(comm, &route);
    if (status == HG_OK) status = find_intervals(what, rows, layout, &route);
    if (status == HG_OK) status = make_records(rows, layout, &mine);
    status = hg_agree(comm, status);
    if (status == HG_OK) status = exchange_records(what, position, layout, &route, mine);
    hg_mem_free(mine);
    hg_route_destroy(&route);
    if (status != HG_OK) hg_file_layout_destroy(layout);
    return status;
}

void hg_file_layout_destroy(struct hg_file_layout *layout)
{
    HG_FREE(layout->interval);
    layout->count = 0;
}
