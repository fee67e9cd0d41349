/** Notes: what a user should know although nothing failed ("edges.csv: header: source, target"). Library code
 *  collects notes, the verb prints them. */
#ifndef HG_BASE_NOTES_H
#define HG_BASE_NOTES_H

#include "base/types.h"

enum { HG_NOTES_BYTES = 16384 };

/** Notes in the order in which they were added; {0} is empty. */
struct hg_notes {
    char text[HG_NOTES_BYTES]; /**< printable (base/printable.h); lines end with a newline; terminated */
    size_t length;
    int64_t dropped; /**< lines that did not fit */
};

/** Adds the line "what: why" (printf format for why), escaped; a line that is already there is not added again.
 *  `notes` may be NULL: nothing happens. Only rank 0's notes are printed, so a note must be based on what every rank
 *  knows: after a reduction where each rank sees a part of the data. Local. */
void hg_note(struct hg_notes *notes, const char *what, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

#endif
