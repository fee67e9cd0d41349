/** What a user should know although nothing failed ("edges.csv: header: source, target"). Library code notes it, the
 *  verb prints it.
 */
#ifndef HG_BASE_NOTES_H
#define HG_BASE_NOTES_H

#include "base/types.h"

enum { HG_NOTES_BYTES = 16384 };

/** Lines in the order in which they were noted; {0} is empty. */
struct hg_notes {
    char text[HG_NOTES_BYTES]; /**< printable (base/printable.h), each line with its end; terminated */
    size_t length;
    int64_t dropped; /**< lines for which there was no room */
};

/** Notes "what: why" (printf format for why) as one line, escaped; the same line once. `notes` may be NULL: nobody asks. Only
 *  rank 0's are printed: note on every rank what all of them know, after a reduction where ranks see parts. Local. */
void hg_note(struct hg_notes *notes, const char *what, const char *why, ...)
    __attribute__((format(printf, 3, 4)));

#endif
