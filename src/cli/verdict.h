/** Judges the quality of a partition and prints it in words.
 */
#ifndef HG_CLI_VERDICT_H
#define HG_CLI_VERDICT_H

#include "base/types.h"
#include "partition/partitioner.h"

enum hg_verdict { HG_VERDICT_GOOD, HG_VERDICT_FAIR, HG_VERDICT_POOR, HG_VERDICTS };

/** "good", "fair", "poor". */
extern const char *const hg_verdict_name[HG_VERDICTS];

/** A partition for `ranks` ranks of `nodes` nodes in `cells` cells. */
struct hg_judged {
    int ranks;
    int64_t nodes, cells;
    const struct hg_partition_quality *quality;
};

/** The verdict: the worse of balance (load of the busiest rank over the mean) and halo (received rows per own row).
 *  Local. */
enum hg_verdict hg_verdict_of(const struct hg_judged *judged);

/** Prints the verdict as a sentence, with advice when it is not "good". Local. */
void hg_verdict_print(const struct hg_judged *judged);

/** Prints an explanation of the table's columns; compared: including those of METIS's partition of the whole graph.
 *  Local. */
void hg_verdict_print_columns(bool compared);

#endif
