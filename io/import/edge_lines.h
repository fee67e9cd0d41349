/** Parses lines of an edge list, without messages: threads do that. */
#ifndef HG_IO_IMPORT_EDGE_LINES_H
#define HG_IO_IMPORT_EDGE_LINES_H

#include "graph/edges.h"
#include "io/text/line_blocks.h"

/** Which fields of a line are read. */
struct hg_edge_columns {
    char separator;         /**< io/text/fields.h */
    int64_t columns;        /**< fields per line */
    int64_t source, target; /**< columns of the ends */
    int64_t features;       /**< Fe */
    int64_t *feature;       /**< [Fe] their columns; owned by the reader */
};

/** Edges of a block, or of a line, and scratch of the thread that parses it. */
struct hg_edge_block {
    struct hg_ends *ends; /**< [edges] */
    double *value;        /**< [edges, Fe] */
    char **field;         /**< [columns] scratch */
    int64_t edges, lines; /**< of the block; comments and blank lines are lines */
    /** the source of the first edge, when the following ones count on from it and the first three columns hold
     *  integers; else -1 */
    int64_t counts_from;
    bool parsed; /**< every line is sound */
};

/** What is wrong with a line; {NULL, NULL}: nothing. */
struct hg_edge_fault {
    const char *why, *field;
};

/** Bytes of the shortest line that has an edge, with its end: behind each field is a separator or the end, and in those
 *  that are read there is something. */
static inline int64_t hg_edge_shortest(const struct hg_edge_columns *columns)
{
    return columns->columns + 2 + columns->features;
}

/** Allocates room for the edges of a block of `bytes` bytes and a line more. Destroy also after a failure. Local. */
hg_status hg_edge_block_create(const struct hg_edge_columns *columns, int64_t bytes,
                               struct hg_edge_block *block);
void hg_edge_block_destroy(struct hg_edge_block *block);

/** Appends the edge of a line with these fields [columns]. Local. */
struct hg_edge_fault hg_edge_parse(const struct hg_edge_columns *columns, char *const *field,
                                   struct hg_edge_block *block);

/** Parses the lines of a block that is whole: fills edges, lines, counts_from and parsed. Local. */
void hg_edge_block_parse(const struct hg_edge_columns *columns, const struct hg_line_block *lines,
                         struct hg_edge_block *block);

#endif
