/** Signal handling of the program. The library installs no handlers.
 */
#ifndef HG_CLI_SIGNALS_H
#define HG_CLI_SIGNALS_H

/** Installs handlers for the signals that end the process: they first remove its unfinished files
 *  (base/unfinished.h). Signals that are ignored or have a handler already are left as they are. SIGXFSZ and SIGPIPE
 *  are ignored, so that writing beyond a limit on file sizes, or to a closed pipe, fails with an error instead of
 *  ending the process. Local. */
void hg_signals_begin(void);

#endif
