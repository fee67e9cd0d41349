/** `partition --estimate`: what would travel if ranks exchanged rows in other ways (partition/estimate.h), as JSON and
 *  in words. */
#ifndef HG_CLI_ESTIMATED_H
#define HG_CLI_ESTIMATED_H

#include "cli/config.h"
#include "partition/estimate.h"
#include <jansson.h>

/** The options of an estimate for so many ranks. Local. */
struct hg_estimate_options hg_estimated_options(const struct hg_config *config, int ranks);

/** The row of an estimate in the table of all: bytes. halo_rows: what travels today (hg_partition_quality). A new
 *  reference; NULL when out of memory. Local. */
json_t *hg_estimated_row(const struct hg_estimate_options *options, int64_t halo_rows,
                         const struct hg_estimate *estimate);

/** Prints an explanation of the table's columns. Local. */
void hg_estimated_print_columns(const struct hg_config *config);

#endif
