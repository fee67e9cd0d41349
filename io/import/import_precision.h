/** What is lost when float64 numbers become float32: judged for each column, said once a table. */
#ifndef HG_IO_IMPORT_IMPORT_PRECISION_H
#define HG_IO_IMPORT_IMPORT_PRECISION_H

#include "io/hdf5/h5.h"
#include "io/import/import_private.h"

/** Whether numbers of this type may not fit hg_real: they are read as float64. */
static inline bool hg_import_is_wide(const struct hg_h5_shape *shape)
{
    const size_t most = (shape->classes & HG_H5_FLOAT) != 0 ? sizeof(hg_real) : sizeof(hg_real) / 2;
    return (shape->classes & HG_H5_BOOL) == 0 && shape->bytes > most;
}

/** A table of which the rank has `rows` of `total` rows. */
struct hg_import_table {
    const char *name; /**< "x", for the note */
    const char *file; /**< of the values */
    int64_t first, rows, total;
    const int64_t
        *id; /**< [rows] ascending: which of the `total` each is; NULL: in their order, from `first` */
    struct hg_features values; /**< wide; not owned */
    const char *remedy;        /**< end of the note: what keeps the numbers */
};

/** Notes, with the first column it concerns, when float32 loses more than rounding noise: whole numbers above 2^24 change; or, of the
 *  values of 256 rows (all, where there are no more), one in 32 or more is told from another only by float64, in its first 40
 *  bits. Of sparse tables the smallest and the largest value of each column are compared. Does nothing in the double build, and
 *  when nobody asks (notes NULL, on every rank). Collective. */
hg_status hg_import_note_precision(const struct hg_comm *comm, struct hg_notes *notes,
                                   const struct hg_import_table *table);

/** What becomes of features that were read as float64: kept with options.keep_double (info.wide), else noted and rounded. Fails when
 *  one becomes infinite. Collective. */
hg_status hg_import_settle_features(struct hg_import *import);

/** The same for edge features that were read as float64: noted and rounded, they are always hg_real. Collective. */
hg_status hg_import_settle_edges(struct hg_import *import);

#endif
