/** content_sha256: a hash of a graph that does not depend on the order of the nodes in its file (docs/formats.md). */
#ifndef HG_IO_GRAPH_CONTENT_H
#define HG_IO_GRAPH_CONTENT_H

#include "dist/comm.h"

enum { HG_CONTENT_BYTES = 65 };

/** Hashes the contents of the graph file `path`. Each rank reads and hashes its share of the rows piece by piece; the
 *  hashes of nodes, 32 bytes each, are then sent between ranks. The result is the same for every number of ranks.
 *  `shown`: the file's name in messages. The file must have passed the checks of hg_graph_file_read. Collective. */
hg_status hg_graph_content(const struct hg_comm *comm, const char *path, const char *shown,
                           char hex[HG_CONTENT_BYTES]);

#endif
