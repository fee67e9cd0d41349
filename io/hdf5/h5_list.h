/** Lists the data sets of a group. */
#ifndef HG_IO_HDF5_H5_LIST_H
#define HG_IO_HDF5_H5_LIST_H

#include "io/hdf5/h5.h"

/** Called for a data set; after a failure no others are visited. */
typedef hg_status hg_h5_visit(const char *name, const struct hg_h5_shape *shape, void *context);

/** Calls visit for every data set in `group`, in ascending order of names; for none when there is no such group.
 *  Names are relative to the group ("convs.0.bias"). Returns the first failure of visit. Local. */
hg_status hg_h5_list(const struct hg_h5 *file, const char *group, hg_h5_visit *visit, void *context);

/** Calls visit for the name of every link in the root group, in ascending order; opens no object. Local. */
hg_status hg_h5_names(const struct hg_h5 *file, void (*visit)(const char *name, void *context),
                      void *context);

#endif
