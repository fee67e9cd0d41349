/** Shared by the graph_content*.c files: SHA-256 of nodes, of blocks of nodes, of the graph. */
#ifndef HG_IO_GRAPH_CONTENT_PRIVATE_H
#define HG_IO_GRAPH_CONTENT_PRIVATE_H

#include "graph/node_table.h"
#include "io/graph_content.h"
#include "io/hdf5/h5.h"
#include "io/sha256.h"

enum {
    HG_CONTENT_BLOCK = 65536, /**< nodes per block */
    HG_CONTENT_HEADER = 512,  /**< size of the header's buffer */
};

/** The hash of one node, as the rank that read the node sends it to the rank that hashes its block. */
struct hg_node_digest {
    hg_gid node; /**< imported id */
    uint8_t digest[SHA256_DIGEST_SIZE];
};

/** Writes the header with which the input of every block's hash begins: sizes, data sets and their types. Local. */
hg_status hg_content_header(const struct hg_h5 *file, const struct hg_graph_info *info,
                            char header[HG_CONTENT_HEADER]);

/** Hash of the graph from the hashes of its nodes: nodes [count] of this rank; together the ranks have each of
 *  0..num_nodes-1 once. `what`: the file, for messages. Collective. */
hg_status hg_content_of_nodes(const struct hg_comm *comm, const char *what, const char *header,
                              hg_gid num_nodes, const struct hg_node_digest *nodes, int64_t count,
                              char hex[HG_CONTENT_BYTES]);

#endif
