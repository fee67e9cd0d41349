/** What the h5*.c files share. Includes hdf5.h: for them alone. */
#ifndef HG_IO_HDF5_H5_PRIVATE_H
#define HG_IO_HDF5_H5_PRIVATE_H

#include "io/hdf5/h5.h"
#include <hdf5.h>

/** A file access list with HDF5's locking off and its error printing silenced; the caller closes it. Local.
 */
hid_t hg_h5_access(void);

/** HDF5's identifier of a type of numbers in memory; HDF5 owns it. Local. */
hid_t hg_h5_native(enum hg_h5_type type);

/** Class bit of an HDF5 type. */
unsigned hg_h5_class_of(hid_t type);

/** What is stored, in words, where it is no numbers; else NULL. */
const char *hg_h5_kind_of(hid_t type);

/** Fails when anything in the file leads out of it: links to other files, data kept in them, virtual data sets; or when its groups cannot
 *  be read. Opens no other file. Local. */
hg_status hg_h5_check_links(const struct hg_h5 *file);

/** One transfer between memory and a part of a data set. */
struct hg_h5_transfer {
    hid_t set, type, space, memory, list; /**< type: in memory */
    bool overflow;                        /**< a number did not fit the type in memory */
};

/** Opens the data set, its type (on disk) and its space. Fails when it is missing. Destroy in any case.
 * Local. */
hg_status hg_h5_transfer_open(const struct hg_h5 *file, const char *name, struct hg_h5_transfer *t);
void hg_h5_transfer_close(struct hg_h5_transfer *t);

/** The block of these rows of a data set, all columns. Local. */
hg_status hg_h5_block_of_rows(const struct hg_h5 *file, const char *name, struct hg_range rows,
                              struct hg_h5_block *block);

/** Selects the block in the file's space and makes the space in memory. Local. */
hg_status hg_h5_transfer_select(const struct hg_h5 *file, const char *name, const struct hg_h5_block *block,
                                struct hg_h5_transfer *t);

#endif
