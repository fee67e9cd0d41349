/** The data sets of a group. */
#ifndef HG_IO_HDF5_H5_LIST_H
#define HG_IO_HDF5_H5_LIST_H

#include "io/hdf5/h5.h"

/** What hg_h5_list calls for a data set; a failure ends the list. */
typedef hg_status hg_h5_visit(const char *name, const struct hg_h5_shape *shape, void *context);

/** Calls visit for every data set in `group`, by name in ascending order; none when the group is missing.
 *  Names are those in the group ("convs.0.bias"). Local. */
hg_status hg_h5_list(const struct hg_h5 *file, const char *group, hg_h5_visit *visit, void *context);

/** Calls visit for the name of everything at the root, by name in ascending order; opens nothing. Local. */
hg_status hg_h5_names(const struct hg_h5 *file, void (*visit)(const char *name, void *context),
                      void *context);

#endif
