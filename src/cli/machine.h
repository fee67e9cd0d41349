/** The rates of this machine, as plan --measure has kept them. */
#ifndef HG_CLI_MACHINE_H
#define HG_CLI_MACHINE_H

#include "forecast/rates.h"
#include "io/paths.h"

/** path: `file`, or where NULL the default (hg_rates_path). Fails when it is too long, or when there is no default.
 *  Local. */
hg_status hg_machine_rates_path(const char *file, char path[HG_PATH_BYTES]);

/** Reads the rates from `file` (NULL: the default) for the instruction set in use; the built-in ones, with *measured
 *  false, where there are none. A named file must have them. Local. */
hg_status hg_machine_rates(const struct hg_comm *alone, const char *file, struct hg_rates *rates,
                           bool *measured);

#endif
