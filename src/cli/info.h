/** What `halogat info` shows, by kind of file, and without one. All print on rank 0, check the file when --check says
 *  so, and are Collective. */
#ifndef HG_CLI_INFO_H
#define HG_CLI_INFO_H

#include "cli/config.h"
#include "dist/comm.h"
#include "graph/cells.h"
#include "graph/node_table.h"

/** Sizes, degrees, labels, splits and cells of a graph file. */
hg_status hg_info_graph(const struct hg_comm *comm, const struct hg_config *config);

/** Fails unless the graph of the cells is that of the edges; `rows` of all ranks are the whole graph. Collective. */
hg_status hg_info_check_cells(const struct hg_comm *comm, const char *path, const struct hg_node_table *rows,
                              const struct hg_cells *cells);

/** Parameters, attributes and options of a checkpoint, or of a file that has only /params. */
hg_status hg_info_checkpoint(const struct hg_comm *comm, const struct hg_config *config);

/** The instruction sets of this program and of rank 0's processor, the one that all ranks would use, and the BLAS's
 *  kernels. */
hg_status hg_info_cpu(const struct hg_comm *comm, const struct hg_config *config);

#endif
