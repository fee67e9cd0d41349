/** Names of the files that this process is writing and has not finished.
 *
 *  A signal handler (cli/signals.h) removes them when the process is stopped, and hg_abort when it gives up. State of the
 *  process, because a handler is given nothing but the number of the signal.
 */
#ifndef HG_BASE_UNFINISHED_H
#define HG_BASE_UNFINISHED_H

enum { HG_UNFINISHED_FILES = 16, HG_UNFINISHED_BYTES = 4096 };

/** Notes a name, before the file is made. Returns its place in the list; -1 when the list is full or the name too long: the file
 *  is then left behind by a signal. Local. */
int hg_unfinished_add(const char *path);

/** Forgets the name at that place (-1: nothing): the file is finished, or gone. Local. */
void hg_unfinished_drop(int place);

/** Removes every file in the list. Safe in a signal handler. Local. */
void hg_unfinished_remove(void);

#endif
