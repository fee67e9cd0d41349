/** What signals do to the program. The library leaves them alone.
 */
#ifndef HG_CLI_SIGNALS_H
#define HG_CLI_SIGNALS_H

/** From now on a signal that ends the process removes the files it has not finished first (base/unfinished.h), and then ends it as
 *  ever. A limit on the size of files makes a write fail instead of ending the process; so does a reader that went away. Signals
 *  that were ignored, or are handled, stay so. Local. */
void hg_signals_begin(void);

#endif
