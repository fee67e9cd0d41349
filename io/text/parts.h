/** Reads a partition that another program has made: METIS, KaMinPar and Mt-KaHyPar write such files. */
#ifndef HG_IO_TEXT_PARTS_H
#define HG_IO_TEXT_PARTS_H

#include "base/types.h"
#include "dist/comm.h"

/** Reads a text file, plain or gzip-compressed, with a whole number in [0, limit) on each of `nodes` lines: the part of
 *  each node, in the imported order. Blank lines at the end are ignored. Rank 0 reads the file, and sends each rank
 *  the numbers of its block (hg_block_range) before it reads those of the next. *part [block size] is newly allocated;
 *  the caller frees it, also after a failure. Fails, naming the line, on anything else, and when there are more or
 *  fewer lines. Collective. */
hg_status hg_parts_read(const struct hg_comm *comm, const char *path, int64_t nodes, int64_t limit,
                        uint32_t **part);

#endif
