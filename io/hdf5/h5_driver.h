/** A driver (virtual file driver) of HDF5 for files that are read, or that this process alone writes. It works like
 *  HDF5's own POSIX driver, but keeps failures to write to itself, and can discard what is written.
 *
 *  HDF5 1.10 crashes at the end of the process when closing a file has failed (full disk, limit on file sizes, broken
 *  disk). After a failure this driver discards everything that HDF5 still writes, and reports the failure when the
 *  file is closed.
 */
#ifndef HG_IO_HDF5_H5_DRIVER_H
#define HG_IO_HDF5_H5_DRIVER_H

#include "base/status.h"
#include <hdf5.h>

/** Makes files that are opened with the access list `list` use this driver. Sets *status to HG_OK; opening a file
 *  sets it to HG_NOMEM when the driver cannot allocate memory. `status` must outlive the list. Local. */
void hg_h5_driver_set(hid_t list, hg_status *status);

/** The descriptor of a file that was opened with this driver. Local. */
int hg_h5_driver_descriptor(hid_t file);

/** Makes closing the file set *error: 0, or errno of the first write, truncation or closing that failed. Local. */
void hg_h5_driver_report(hid_t file, int *error);

/** Makes all further writes to such a file succeed without doing anything. Local. */
void hg_h5_driver_discard(hid_t file);

#endif
