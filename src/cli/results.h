/** The stream of the program's results: its standard output, to which only the program itself prints.
 *
 *  Libraries may print to the C library's `stdout` (METIS does when it must bisect a graph without nodes, and has no
 *  option against it). Therefore results have a stream of their own, and `stdout` is redirected to /dev/null. File
 *  descriptor 1 is not changed, so that output files may be named /dev/stdout.
 */
#ifndef HG_CLI_RESULTS_H
#define HG_CLI_RESULTS_H

#include "base/status.h"
#include <stdio.h>

/** Separates the stream of results from `stdout`. Called once, before anything is printed and before MPI begins, as it
 *  also takes care of standard descriptors that are closed. Without this call, as in tests, results go to `stdout`.
 *  Local. */
void hg_results_begin(void);

/** The stream of the results. Local. */
FILE *hg_results(void);

/** printf to the stream of results. Local. */
void hg_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Writes the text that is still in the stream's buffer; hg_results_end reports a failure. Local. */
void hg_results_flush(void);

/** The same at the end of the program. Fails when a write failed, now or earlier, except when the reader of a pipe has
 *  gone away (`halogat info ... | head`). Local. */
hg_status hg_results_end(void);

#endif
