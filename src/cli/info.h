/** The parts of `halogat info`, one for each kind of file and one without a file. All print on rank 0, check the file
 *  with --check, and are Collective. */
#ifndef HG_CLI_INFO_H
#define HG_CLI_INFO_H

#include "cli/config.h"
#include "dist/comm.h"
#include "graph/cells.h"
#include "graph/node_table.h"

/** Prints sizes, degrees, labels, splits and cells of a graph file. */
hg_status hg_info_graph(const struct hg_comm *comm, const struct hg_config *config);

/** Fails unless the graph of cells in the file is the one that its edges give. The ranks' rows together are the whole
 *  graph. Collective. */
hg_status hg_info_check_cells(const struct hg_comm *comm, const char *path, const struct hg_node_table *rows,
                              const struct hg_cells *cells);

/** Prints parameters, attributes and options of a checkpoint, or of a file that has only /params. */
hg_status hg_info_checkpoint(const struct hg_comm *comm, const struct hg_config *config);

/** Prints the instruction sets of this program and of rank 0's processor, the one that all ranks use, and OpenBLAS's
 *  kernels. */
hg_status hg_info_cpu(const struct hg_comm *comm, const struct hg_config *config);

#endif
