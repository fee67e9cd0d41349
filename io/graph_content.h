/** content_sha256: what a graph is, whatever the order in which its file holds the nodes (docs/formats.md). */
#ifndef HG_IO_GRAPH_CONTENT_H
#define HG_IO_GRAPH_CONTENT_H

#include "dist/comm.h"

enum { HG_CONTENT_BYTES = 65 };

/** Hashes the contents of a graph file as they are stored. Every rank reads and hashes its share of the rows, a piece after the other; 32
 *  bytes a node travel. path: the file, `shown`: its name in messages. The file must be sound (hg_graph_file_read). Collective; the
 *  same on every number of ranks. */
hg_status hg_graph_content(const struct hg_comm *comm, const char *path, const char *shown,
                           char hex[HG_CONTENT_BYTES]);

#endif
