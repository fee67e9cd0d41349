/** Handlers for crashes of the process, and for libraries that hang.
 */
#ifndef HG_CLI_CRASH_H
#define HG_CLI_CRASH_H

#include <stdbool.h>

/** Installs handlers for SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT. A crash in a library that reads a file
 *  (hg_reading, base/status.h) then ends the process with exit code 1 and one message that names the file, because
 *  libraries crash on some damaged files. Of the ranks of one host only the first prints it. A crash in the program
 *  itself prints a message that says so, and then takes its usual course. `verb` is a part of both messages; "":
 *  none. Call it after MPI_Init, which installs handlers for these signals, too. Local. */
void hg_crash_begin(const char *verb);

/** Whether this process is the first of the job's ranks on this host that prints why it ends early. Only one of them
 *  should. May be called by any thread. Local. */
bool hg_crash_is_first(void);

/** Installs a timer that ends the process in the same way when one step of reading (hg_reading_step) takes 5 to 10
 *  seconds of processor time: libhdf5 loops for ever on some damaged files. hg_crash_begin calls it; it is separate
 *  for programs that have their own handlers for crashes. Local. */
void hg_crash_watch(const char *verb);

#endif
