/** How HDF5 gets at a file that this program writes: as its own driver does, but for a file that cannot be completed.
 *
 *  HDF5 1.10 crashes at the end of the process when a file could not be closed because what it still holds could not be written (full disk,
 *  limit on the size of files). Such a file is closed with everything discarded that HDF5 still writes.
 */
#ifndef HG_IO_HDF5_H5_DRIVER_H
#define HG_IO_HDF5_H5_DRIVER_H

#include <hdf5.h>

/** Makes files that are opened with the access list `list` use this driver. Local. */
void hg_h5_driver_set(hid_t list);

/** The descriptor of a file that was opened so. Local. */
int hg_h5_driver_descriptor(hid_t file);

/** From now on writes to such a file succeed and do nothing. Local. */
void hg_h5_driver_discard(hid_t file);

#endif
