/** What becomes of a crash of the process.
 */
#ifndef HG_CLI_CRASH_H
#define HG_CLI_CRASH_H

/** From now on a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) in a library that reads a file (hg_reading, base/status.h) ends the
 *  process with exit code 1 and one line that names the file: libraries crash on some damaged files. Of the ranks of one host the first
 *  says it. A crash in the program itself is said to be its own, and goes on as it would have. `verb` is a part of both lines; "" for none.
 *  After MPI is initialised, which handles these signals too. Local. */
void hg_crash_begin(const char *verb);

/** From now on a step of reading (hg_reading_step) that takes 5 to 10 seconds of processor time ends the process in the same way: libhdf5
 *  looks for ever in some damaged files. hg_crash_begin calls it; for programs that have their own handlers of crashes. Local. */
void hg_crash_watch(const char *verb);

#endif
