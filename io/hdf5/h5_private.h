/** Shared by the h5*.c files only, since it includes hdf5.h. */
#ifndef HG_IO_HDF5_H5_PRIVATE_H
#define HG_IO_HDF5_H5_PRIVATE_H

#include "io/hdf5/h5.h"
#include <hdf5.h>

/** A new file access property list without file locking; the caller closes it. Also turns off HDF5's error printing.
 *  Local. */
hid_t hg_h5_access(void);

/** HDF5's identifier of a number's type in memory; HDF5 owns it. Not for HG_H5_TEXT. Local. */
hid_t hg_h5_native(enum hg_h5_type type);

/** The enum hg_h5_class of an HDF5 type. Local. */
unsigned hg_h5_class_of(hid_t type);

/** An HDF5 type in words when it is not a number or a bool; else NULL. Local. */
const char *hg_h5_kind_of(hid_t type);

/** Fails when anything in the file refers to another file (external links, external data, virtual data sets) or its
 *  groups cannot be read. Opens no other file. Local. */
hg_status hg_h5_check_links(const struct hg_h5 *file);

/** HDF5's identifiers for one transfer between memory and a block of a data set; negative: not open. */
struct hg_h5_transfer {
    /** data set; element type (on disk when opened, in memory for the transfer); space on disk; space in memory;
     *  transfer property list */
    hid_t set, type, space, memory, list;
    bool overflow; /**< a number did not fit the type in memory */
};

/** Opens the data set, its type on disk and its space. Fails when it is missing. Call hg_h5_transfer_close also after
 *  a failure. Local. */
hg_status hg_h5_transfer_open(const struct hg_h5 *file, const char *name, struct hg_h5_transfer *t);
void hg_h5_transfer_close(struct hg_h5_transfer *t);

/** Sets the block to these rows of a data set, with all columns. Local. */
hg_status hg_h5_block_of_rows(const struct hg_h5 *file, const char *name, struct hg_range rows,
                              struct hg_h5_block *block);

/** Selects the block in the space on disk and creates the space in memory. Fails when the block is not inside the
 *  data set. Local. */
hg_status hg_h5_transfer_select(const struct hg_h5 *file, const char *name, const struct hg_h5_block *block,
                                struct hg_h5_transfer *t);

#endif
