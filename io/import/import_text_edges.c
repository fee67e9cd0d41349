/* Reads an edge list. Threads parse blocks of its lines; a block that they cannot parse is read line by line, which
 * also finds out what is wrong. */
#include "base/alive.h"
#include "base/mem.h"
#include "io/import/edge_lines.h"
#include "io/import/import_text.h"
#include "io/text/table.h"

enum { SOURCE, TARGET, FEATURE, NUMBER };

static const char *const sources[] = {"source", "src",   "from", "u",     "head", "start",
                                      "sender", "node1", "id1",  "nodea", NULL};
static const char *const targets[] = {"target", "dst",      "dest",  "destination", "to",    "v", "tail",
                                      "end",    "receiver", "node2", "id2",         "nodeb", NULL};
/* names of columns that number the edges; such columns are not read */
static const char *const numbers[] = {"id", "index", "idx", "edge", "eid", "unnamed0", NULL};

static const struct hg_column_role roles[] = {[SOURCE] = {"source", sources},
                                              [TARGET] = {"target", targets},
                                              [FEATURE] = {"feature", NULL},
                                              [NUMBER] = {"", numbers},
                                              {NULL, NULL}};

/* A block that this rank has read. */
struct block_read {
    int64_t number, edges, lines, counts_from; /* as in struct hg_edge_block */
};

/* State of reading an edge list. */
struct reader {
    struct hg_table table;
    struct hg_import *import;
    struct hg_edge_columns columns;
    struct hg_text_edge_features features;
    struct hg_line_blocks blocks;
    struct hg_edge_block parsed[HG_LINE_BATCH];
    int parsers; /* elements of `parsed` in use: HG_LINE_BATCH; 1: no line fits a block, and threads parse none */
    struct block_read *read; /* [reads] ascending */
    int64_t reads, capacity;
    int64_t lines_before; /* lines of the file before the first block */
    int64_t failed;       /* the block with the first line that is wrong; INT64_MAX: none */
};

/* Chooses the columns of edge features: without --columns, all columns that have no other role. */
static hg_status choose_features(struct reader *reader)
{
    struct hg_table *table = &reader->table;
    HG_TRY(HG_NEW(reader->columns.feature, table->columns));
    for (int64_t k = 0; k < table->columns; k++) {
        if (!table->chosen && table->role[k] == HG_COLUMN_UNUSED) table->role[k] = FEATURE;
        if (table->role[k] == FEATURE) reader->columns.feature[reader->columns.features++] = k;
    }
    return HG_OK;
}

/* Takes the first two columns that have no role as source and target. */
static void choose_first_two(struct reader *reader)
{
    struct hg_table *table = &reader->table;
    int role = SOURCE;
    for (int64_t k = 0; k < table->columns && role <= TARGET; k++)
        if (table->role[k] == HG_COLUMN_UNUSED) table->role[k] = (int8_t)role++;
}

/* Chooses the columns of source and target: by name; else the first two columns of a table without a header, or the
 * only two of a table with one. */
static hg_status choose_ends(struct reader *reader)
{
    struct hg_table *table = &reader->table;
    const int64_t *count = table->count;
    int64_t unused = 0;
    for (int64_t k = 0; k < table->columns; k++) unused += table->role[k] == HG_COLUMN_UNUSED;
    if (count[SOURCE] == 0 && count[TARGET] == 0 && (table->name == NULL ? unused >= 2 : unused == 2))
        choose_first_two(reader);
    else if (count[SOURCE] != 1 || count[TARGET] != 1)
        return table->columns < 2 ? hg_text_fail(&table->text, "source and target expected", NULL)
                                  : hg_table_unclear(table, "which columns are source and target?",
                                                     "source=NAME,target=NAME");
    reader->columns.source = hg_table_column(table, SOURCE);
    reader->columns.target = hg_table_column(table, TARGET);
    return HG_OK;
}

static hg_status begin_edges(struct reader *reader, bool *may_be_numbered)
{
    struct hg_table *table = &reader->table;
    struct hg_import *import = reader->import;
    HG_TRY(hg_table_assign(table, roles, import->options->columns));
    HG_TRY(choose_ends(reader));
    HG_TRY(choose_features(reader));
    hg_table_note(table, roles, import->options->notes);
    reader->columns.separator = table->separator;
    reader->columns.columns = table->columns;
    reader->features.cols = import->edges.attr_cols = reader->columns.features;
    *may_be_numbered = table->name == NULL && !table->chosen && table->columns > 2;
    return HG_OK;
}

static hg_status begin_blocks(struct reader *reader)
{
    const struct hg_import_options *options = reader->import->options;
    const int64_t start = hg_table_position(&reader->table, &reader->lines_before);
    HG_TRY(hg_line_blocks_open(options->source, start, options->block_bytes, reader->import->comm,
                               &reader->blocks));
    reader->parsers = hg_edge_shortest(&reader->columns) <= reader->blocks.block_bytes ? HG_LINE_BATCH : 1;
    for (int k = 0; k < reader->parsers; k++)
        HG_TRY(hg_edge_block_create(&reader->columns, reader->blocks.block_bytes, &reader->parsed[k]));
    return HG_OK;
}

/* Piece 0 reads ahead, the others parse a block each. */
static void work(void *context, hg_lid piece, int thread)
{
    struct reader *reader = context;
    (void)thread;
    if (piece == 0)
        hg_line_blocks_read_ahead(&reader->blocks);
    else if (reader->parsers > 1)
        hg_edge_block_parse(&reader->columns, &reader->blocks.block[piece - 1], &reader->parsed[piece - 1]);
}

static hg_status parse_line(struct reader *reader, char *line, struct hg_edge_block *parsed)
{
    if (hg_text_blank(line) || hg_text_comment(line)) return HG_OK;
    HG_TRY(hg_table_split(&reader->table, line));
    const struct hg_edge_fault fault = hg_edge_parse(&reader->columns, reader->table.field, parsed);
    return fault.why == NULL ? HG_OK : hg_text_fail(&reader->table.text, fault.why, fault.field);
}

/* Reads a block line by line; `lines` lines are before it. */
static hg_status read_lines(struct reader *reader, const struct hg_line_block *block, int64_t lines,
                            struct hg_edge_block *parsed)
{
    struct hg_text *text = &reader->table.text;
    char *line = NULL;
    parsed->edges = 0;
    parsed->counts_from = -1;
    /* the line that byte first - 1 is in belongs to the blocks before */
    const bool behind_another = block->number > 0;
    HG_TRY(hg_text_go_on(text, block->first - behind_another, lines - behind_another));
    if (behind_another) HG_TRY(hg_text_next(text, &line));
    while (hg_text_position(text) < block->end) {
        HG_TRY(hg_text_next(text, &line));
        if (line == NULL) break;
        HG_TRY(parse_line(reader, line, parsed));
    }
    parsed->lines = text->line - lines;
    return HG_OK;
}

static hg_status append_values(struct reader *reader, const struct hg_edge_block *parsed)
{
    struct hg_import *import = reader->import;
    const int64_t cols = reader->features.cols, at = import->edges.count * cols, n = parsed->edges * cols;
    HG_TRY(HG_RESERVE(import->edge_wide, &reader->features.capacity, at + n));
    for (int64_t k = 0; k < n; k++) import->edge_wide[at + k] = parsed->value[k];
    return HG_OK;
}

/* Adds the edges of a block to the list. Their ids are not known yet: the run begins with the block's number. */
static hg_status append_block(struct reader *reader, int64_t number, const struct hg_edge_block *parsed)
{
    HG_TRY(HG_RESERVE(reader->read, &reader->capacity, reader->reads + 1));
    reader->read[reader->reads++] =
        (struct block_read){number, parsed->edges, parsed->lines, parsed->counts_from};
    HG_TRY(append_values(reader, parsed));
    return hg_edges_append_run(&reader->import->edges, parsed->ends, parsed->edges, number);
}

/* Takes the blocks of a batch, up to one that is wrong. What is wrong with it is told later, when the number of its
 * first line is known. */
static hg_status take_batch(struct reader *reader)
{
    for (int k = 0; k < reader->blocks.count; k++) {
        const struct hg_line_block *block = &reader->blocks.block[k];
        struct hg_edge_block *parsed = &reader->parsed[k % reader->parsers];
        const hg_status status = parsed->parsed ? HG_OK : read_lines(reader, block, 0, parsed);
        if (status == HG_FAILED) {
            hg_status_clear();
            reader->failed = block->number;
            return HG_OK;
        }
        HG_TRY(status);
        HG_TRY(append_block(reader, block->number, parsed));
    }
    return HG_OK;
}

/* Reads this rank's blocks. Local. */
static hg_status read_blocks(struct reader *reader)
{
    struct hg_team *team = reader->import->options->build.team;
    hg_alive_phase("reading edges", -1);
    hg_alive_total("bytes", hg_line_blocks_bytes(&reader->blocks));
    hg_line_blocks_read_ahead(&reader->blocks);
    while (reader->failed == INT64_MAX && hg_line_blocks_next(&reader->blocks)) {
        hg_team_run(team, reader->blocks.count + 1, work, reader);
        hg_alive_done(hg_line_blocks_done(&reader->blocks));
        HG_TRY(take_batch(reader));
    }
    return HG_OK;
}

/* Sets total[k] to the sum over blocks 0..k-1 of all ranks of one of their numbers, which is at byte `offset` of
 * struct block_read. Collective. */
static void sum_blocks(const struct reader *reader, size_t offset, int64_t blocks, int64_t *total)
{
    for (int64_t k = 0; k <= blocks; k++) total[k] = 0;
    for (int64_t r = 0; r < reader->reads; r++)
        total[reader->read[r].number + 1] = *(const int64_t *)((const char *)&reader->read[r] + offset);
    hg_comm_sum_i64(reader->import->comm, total, blocks + 1);
    for (int64_t k = 0; k < blocks; k++) total[k + 1] += total[k];
}

/* Fails with what is wrong with block `failed`, which this rank has. lines [blocks + 1]: lines before each block. */
static hg_status tell(struct reader *reader, const int64_t *lines)
{
    const int64_t bytes = reader->blocks.block_bytes, first = reader->blocks.start + reader->failed * bytes;
    const struct hg_line_block block = {.number = reader->failed, .first = first, .end = first + bytes};
    HG_TRY(read_lines(reader, &block, reader->lines_before + lines[reader->failed], &reader->parsed[0]));
    return hg_fail(HG_FAILED, reader->import->options->source, "changed while it was read");
}

/* Gives the edges their ids: `before` [blocks + 1] edges are in the blocks before each one. */
static void number_edges(struct reader *reader, const int64_t *before, bool *numbered)
{
    int64_t run = 0;
    for (int64_t r = 0; r < reader->reads; r++) {
        const struct block_read *read = &reader->read[r];
        if (read->edges == 0) continue;
        reader->import->edges.run[run++].id = before[read->number];
        *numbered = *numbered && read->counts_from == before[read->number];
    }
}

/* Brings together what the ranks have read; fails with the first line of the file that is wrong. Collective. */
static hg_status join_blocks(struct reader *reader, bool *numbered)
{
    const struct hg_comm *comm = reader->import->comm;
    int64_t blocks = hg_max_i64(reader->reads > 0 ? reader->read[reader->reads - 1].number + 1 : 0,
                                reader->failed < INT64_MAX ? reader->failed + 1 : 0),
            first_failed = reader->failed, *total = NULL;
    hg_comm_max_i64(comm, &blocks, 1);
    hg_comm_min_i64(comm, &first_failed, 1);
    hg_status status = hg_agree(comm, HG_NEW(total, blocks + 1));
    if (status == HG_OK && first_failed < INT64_MAX) {
        sum_blocks(reader, offsetof(struct block_read, lines), blocks, total);
        status = hg_agree(comm, reader->failed == first_failed ? tell(reader, total) : HG_OK);
    } else if (status == HG_OK) {
        sum_blocks(reader, offsetof(struct block_read, edges), blocks, total);
        number_edges(reader, total, numbered);
    }
    hg_mem_free(total);
    return status;
}

/* Reads the edges below the header. Collective. */
static hg_status read_edges(struct reader *reader, struct hg_edge_lines *lines)
{
    const struct hg_comm *comm = reader->import->comm;
    const struct hg_edges *edges = &reader->import->edges;
    hg_status status = begin_edges(reader, &lines->numbered);
    if (status == HG_OK) status = begin_blocks(reader);
    if (status == HG_OK) status = read_blocks(reader);
    HG_TRY(hg_agree(comm, status));
    HG_TRY(join_blocks(reader, &lines->numbered));
    if (edges->count == 0) return HG_OK;
    lines->nodes = edges->most + 1;
    lines->least = edges->least;
    return HG_OK;
}

hg_status hg_import_text_edges(struct hg_import *import, struct hg_edge_lines *lines)
{
    struct reader reader = {.import = import, .blocks = {.descriptor = -1}, .failed = INT64_MAX};
    *lines = (struct hg_edge_lines){.least = INT64_MAX};
    hg_status status = hg_agree(import->comm, hg_table_open(import->options->source, false, &reader.table));
    if (status == HG_OK && reader.table.columns > 0) status = read_edges(&reader, lines);
    hg_line_blocks_close(&reader.blocks);
    for (int k = 0; k < HG_LINE_BATCH; k++) hg_edge_block_destroy(&reader.parsed[k]);
    hg_table_close(&reader.table);
    hg_mem_free(reader.columns.feature);
    hg_mem_free(reader.read);
    return status;
}
