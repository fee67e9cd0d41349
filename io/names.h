/** Names of classes, labels or targets as a data set of a file: [count] UTF-8 of fixed width, filled up with zeros. */
#ifndef HG_IO_NAMES_H
#define HG_IO_NAMES_H

#include "graph/node_table.h"
#include "io/hdf5/h5.h"

struct hg_names {
    const char *path; /**< "/node/class_name" */
    int64_t count, bytes;
    const char *data; /**< [count, bytes]; NULL: there are none; not owned */
};

/** Writes the data set; nothing when there are no names. Local. */
hg_status hg_names_write(const struct hg_h5 *file, const struct hg_names *names);

/** Reads the names of the info->num_outputs outputs into info->class_name, newly allocated, and info->class_bytes, if
 *  the file has the data set. Local. */
hg_status hg_names_read(const struct hg_h5 *file, const char *path, struct hg_graph_info *info);

#endif
