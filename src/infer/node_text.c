#include "infer/node_text.h"

#include "base/mem.h"
#include "base/printable.h"
#include "dist/route.h"
#include "infer/predict.h"
#include "io/atomic.h"
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Lines are sent as records of `width` bytes: imported id (int64), then the text, padded with zeros. */
struct lines {
    const struct hg_comm *comm;
    const struct hg_dataset *data;
    const hg_real *value;
    size_t width;
};

enum { NUMBER_BYTES = 32 };

static size_t line_bytes(const struct hg_graph_info *info)
{
    const int64_t per_output = HG_PRINTABLE_GROWTH * hg_max_i64(info->class_bytes, 0) + NUMBER_BYTES;
    const int64_t outputs = info->task == HG_SINGLE_LABEL ? 1 : info->num_outputs;
    return (size_t)(HG_PRINTABLE_GROWTH * hg_max_i64(info->name_bytes, 0) + outputs * per_output +
                    2 * NUMBER_BYTES);
}

/* Where the next text of a record is written; line_bytes makes records large enough for every line. */
struct text_buffer {
    char *at;
    size_t left;
};

static void put(struct text_buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(struct text_buffer *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int written = vsnprintf(out->at, out->left, format, args);
    va_end(args);
    const size_t used = written > 0 && (size_t)written < out->left ? (size_t)written : 0;
    out->at += used;
    out->left -= used;
}

/* Writes a name of at most `bytes` bytes, with characters escaped that would end the field or the line or control a
 * terminal; characters of `also` are escaped, too. */
static void put_name(struct text_buffer *out, const char *name, int64_t bytes, const char *also)
{
    const size_t used = hg_printable(name, (size_t)bytes, also, out->at, out->left);
    out->at += used;
    out->left -= used;
}

static void put_output_name(struct text_buffer *out, const struct hg_graph_info *info, int64_t c,
                            const char *also)
{
    if (info->class_name == NULL)
        put(out, "%lld", (long long)c);
    else
        put_name(out, info->class_name + c * info->class_bytes, info->class_bytes, also);
}

static void put_class(struct text_buffer *out, const struct hg_graph_info *info, const hg_real *value)
{
    const int64_t best = hg_predicted_class(value, info->num_outputs);
    double total = 0;
    for (int64_t c = 0; c < info->num_outputs; c++) total += exp((double)(value[c] - value[best]));
    put_output_name(out, info, best, "\\");
    put(out, "\t%.4f", 1 / total);
}

static void put_labels(struct text_buffer *out, const struct hg_graph_info *info, const hg_real *value)
{
    const char *comma = "";
    for (int64_t c = 0; c < info->num_outputs; c++) {
        if (value[c] <= 0) continue;
        put(out, "%s", comma);
        put_output_name(out, info, c, "\\,");
        comma = ",";
    }
}

static void put_targets(struct text_buffer *out, const struct hg_graph_info *info, const hg_real *value)
{
    for (int64_t c = 0; c < info->num_outputs; c++) put(out, "%s%.9g", c > 0 ? "\t" : "", (double)value[c]);
}

static void (*const put_prediction[HG_TASKS])(struct text_buffer *, const struct hg_graph_info *,
                                              const hg_real *) = {
    [HG_SINGLE_LABEL] = put_class, [HG_MULTI_LABEL] = put_labels, [HG_REGRESSION] = put_targets};

static void make_record(const struct lines *lines, int64_t i, char *record)
{
    const struct hg_node_table *rows = &lines->data->rows;
    const struct hg_graph_info *info = &lines->data->info;
    struct text_buffer out = {record + sizeof(hg_gid), lines->width - sizeof(hg_gid)};
    memcpy(record, &rows->imported[i], sizeof(hg_gid));
    if (info->name_bytes > 0)
        put_name(&out, rows->name_text + i * info->name_bytes, info->name_bytes, "\\");
    else
        put(&out, "%lld", (long long)(info->name_bytes < 0 ? rows->name_id[i] : rows->imported[i]));
    put(&out, "\t");
    put_prediction[info->task](&out, info, lines->value + i * info->num_outputs);
    put(&out, "\n");
}

/* Joins the lines of this rank's block of imported ids, in order, into newly allocated *text of *bytes bytes. */
static hg_status join_block(const struct lines *lines, const char *records, int64_t count, char **text,
                            int64_t *bytes)
{
    const struct hg_range block =
        hg_block_range(lines->data->info.num_nodes, lines->comm->rank, lines->comm->size);
    const char **line = NULL;
    *bytes = 0;
    HG_TRY(HG_NEW(*text, count * (int64_t)lines->width));
    HG_TRY(HG_NEW(line, block.end - block.first));
    for (int64_t k = 0; k < count; k++) {
        hg_gid id;
        memcpy(&id, records + (size_t)k * lines->width, sizeof id);
        line[id - block.first] = records + (size_t)k * lines->width + sizeof id;
    }
    for (int64_t i = 0; i < block.end - block.first; i++) {
        const size_t length =
            strlen(line[i]); /* not NULL: every node has an owner, which has sent its line */
        memcpy(*text + *bytes, line[i], length);
        *bytes += (int64_t)length;
    }
    hg_mem_free(line);
    return HG_OK;
}

/* Makes the lines of the owned nodes, and sends each to the rank whose block of imported ids it belongs to.
 * Collective. */
static hg_status route_lines(const struct lines *lines, char **text, int64_t *bytes)
{
    const struct hg_node_table *rows = &lines->data->rows;
    struct hg_route route = {0};
    char *records = NULL;
    void *arrived = NULL;
    hg_status status = HG_NEW(records, rows->count * (int64_t)lines->width);
    if (status == HG_OK)
        status = hg_route_to_blocks(lines->comm, rows->info.num_nodes, rows->imported, rows->count, &route);
    for (int64_t i = 0; status == HG_OK && i < rows->count; i++)
        make_record(lines, i, records + (size_t)route.position[i] * lines->width);
    status = hg_agree(lines->comm, status);
    if (status == HG_OK) status = hg_route_send(&route, lines->width, records, &arrived);
    if (status == HG_OK)
        status = hg_agree(lines->comm, join_block(lines, arrived, route.arrived, text, bytes));
    hg_route_destroy(&route);
    hg_mem_free(records);
    hg_mem_free(arrived);
    return status;
}

/* Rank 0 receives and writes the blocks of the ranks one after the other. Collective. */
static hg_status write_blocks(const struct lines *lines, const char *text, int64_t bytes, FILE *file)
{
    const struct hg_comm *comm = lines->comm;
    int64_t *counts = NULL;
    hg_status status = hg_agree(comm, HG_NEW(counts, comm->size));
    bool written = true;
    for (int r = 0; status == HG_OK && r < comm->size; r++) {
        void *block = NULL;
        status = hg_comm_gather(comm, 1, text, r == comm->rank ? bytes : 0, 0, &block, counts);
        if (file != NULL && status == HG_OK)
            written = fwrite(block, 1, (size_t)counts[r], file) == (size_t)counts[r] && written;
        hg_mem_free(block);
    }
    hg_mem_free(counts);
    if (status == HG_OK && !written) status = hg_fail(HG_FAILED, "text output", "%s", strerror(errno));
    return hg_agree(comm, status);
}

static hg_status write_file(const struct lines *lines, const char *path, const char *text, int64_t bytes)
{
    struct hg_atomic paths;
    FILE *file = NULL;
    HG_TRY(hg_atomic_begin_all(lines->comm, path, HG_LINKS_FOLLOWED, &paths));
    hg_status status = HG_OK;
    if (lines->comm->rank == 0) {
        file = fopen(paths.temporary, "w");
        if (file == NULL) status = hg_fail_system(path);
    }
    status = hg_agree(lines->comm, status);
    if (status == HG_OK) status = write_blocks(lines, text, bytes, file);
    if (file != NULL && fclose(file) != 0 && status == HG_OK) status = hg_fail_system(path);
    return hg_atomic_end_all(lines->comm, status, &paths);
}

hg_status hg_node_text_write(const struct hg_comm *comm, const char *path, const struct hg_dataset *data,
                             const hg_real *value)
{
    const struct lines lines = {comm, data, value, line_bytes(&data->info)};
    char *text = NULL;
    int64_t bytes = 0;
    hg_status status = route_lines(&lines, &text, &bytes);
    if (status == HG_OK) status = write_file(&lines, path, text, bytes);
    hg_mem_free(text);
    return status;
}
