/** Names of the files that this process is writing and has not finished.
 *
 *  A signal handler (cli/signals.h) removes these files when the process is stopped, and hg_abort when it gives up.
 *  The list is global, because a signal handler is given nothing but the number of the signal. */
#ifndef HG_BASE_UNFINISHED_H
#define HG_BASE_UNFINISHED_H

enum { HG_UNFINISHED_FILES = 16, HG_UNFINISHED_BYTES = 4096 };

/** Adds a path, before the file is created. Returns its index in the list; -1 when the list is full or the path too
 *  long: a signal then leaves the file behind. Local. */
int hg_unfinished_add(const char *path);

/** Takes the path at this index off the list (-1: nothing happens): the file is finished or removed. Local. */
void hg_unfinished_drop(int index);

/** Removes every file in the list. Safe in a signal handler. Local. */
void hg_unfinished_remove(void);

#endif
