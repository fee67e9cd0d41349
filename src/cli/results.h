/** The results of the program: what it writes to its standard output, and nothing else does.
 *
 *  Libraries print to the C library's `stdout` (METIS does where it runs out of nodes, and has no switch for it). The program keeps its
 *  standard output in a stream of its own, and lets `stdout` lead to /dev/null. Descriptor 1 stays what it is, so that outputs may be
 *  named /dev/stdout.
 */
#ifndef HG_CLI_RESULTS_H
#define HG_CLI_RESULTS_H

#include "base/status.h"
#include <stdio.h>

/** Separates the results from `stdout`. Called once, before anything is printed; where it is not, as in tests, results go to `stdout`.
 *  Local. */
void hg_results_begin(void);

/** The stream of the results. Local. */
FILE *hg_results(void);

/** printf to the results. Local. */
void hg_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Writes out what is still in the stream. Fails when anything printed could not be written; but a reader that went away
 *  (`halogat info ... | head`) is no failure. Local. */
hg_status hg_results_end(void);

#endif
