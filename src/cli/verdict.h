/** What the numbers of a partition mean, in words.
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

/** The worse of balance (the busiest rank's share over the mean) and halo (rows received per own row). Local. */
enum hg_verdict hg_verdict_of(const struct hg_judged *judged);

/** Prints the verdict as a sentence, with what to do when it is not good. Local. */
void hg_verdict_print(const struct hg_judged *judged);

/** Prints what the columns of the table are; compared: with those of METIS's own partition. Local. */
void hg_verdict_print_columns(bool compared);

#endif
