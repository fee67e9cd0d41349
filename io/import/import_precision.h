/** Tells the user what is lost when float64 numbers become float32: checks each column, and notes the worst of a
 *  table. */
#ifndef HG_IO_IMPORT_IMPORT_PRECISION_H
#define HG_IO_IMPORT_IMPORT_PRECISION_H

#include "io/hdf5/h5.h"
#include "io/import/import_private.h"

/** Whether some numbers of this type may not fit hg_real; then they are read as float64. */
static inline bool hg_import_is_wide(const struct hg_h5_shape *shape)
{
    const size_t most = (shape->classes & HG_H5_FLOAT) != 0 ? sizeof(hg_real) : sizeof(hg_real) / 2;
    return (shape->classes & HG_H5_BOOL) == 0 && shape->bytes > most;
}

/** A table of float64 numbers of which this rank has `rows` of `total` rows. Owns nothing. */
struct hg_import_table {
    const char *name; /**< "x", for the note */
    const char *file; /**< that the values come from, for error messages */
    int64_t first, rows, total;
    const int64_t *id; /**< [rows] ascending index of each row among `total`; NULL: first, first + 1, ... */
    const struct hg_edges
        *edges; /**< not NULL: rows are edges, and their numbers are these indices, instead of `id` */
    struct hg_features values; /**< with values.wide */
    const char *remedy;        /**< end of the note: how to keep the numbers */
};

/** Notes, for the first column concerned, when float32 loses more than rounding noise. Either whole numbers above
 *  2^24 change; or, among the values of a sample of up to 256 rows, at least one in 32 becomes equal to another one
 *  from which it differed by more than 2^-40 (relative). In sparse tables only the smallest and the largest value of
 *  a column are compared. Does nothing in the double build or when notes is NULL (on every rank alike).
 *  Collective. */
hg_status hg_import_note_precision(const struct hg_comm *comm, struct hg_notes *notes,
                                   const struct hg_import_table *table);

/** Handles features that were read as float64: with options.keep_double they stay (info.wide), else losses are noted
 *  and they are rounded to hg_real. Fails when one becomes infinite. Collective. */
hg_status hg_import_settle_features(struct hg_import *import);

/** The same for edge features, which are always rounded to hg_real. Collective. */
hg_status hg_import_settle_edges(struct hg_import *import);

#endif
