#include "cli/signals.h"

#include "base/unfinished.h"
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* Signals whose default action ends the process, except those of crashes, those that the guard takes (cli/guard.h), and
 * those that cannot be caught. */
static const int ending[] = {SIGHUP,  SIGQUIT, SIGALRM,   SIGVTALRM, SIGPROF,
                             SIGXCPU, SIGPOLL, SIGSTKFLT, SIGPWR};

/* The raised signal is delivered when this handler returns, with the default action. */
static void on_ending(int signal_number)
{
    hg_unfinished_remove();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static bool is_default(int signal_number)
{
    struct sigaction now;
    return sigaction(signal_number, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) == 0 &&
           now.sa_handler == SIG_DFL;
}

static void handle(int signal_number)
{
    struct sigaction action = {.sa_handler = on_ending};
    sigfillset(&action.sa_mask);
    if (is_default(signal_number)) sigaction(signal_number, &action, NULL);
}

void hg_signals_begin(void)
{
    for (size_t k = 0; k < sizeof ending / sizeof ending[0]; k++) handle(ending[k]);
    for (int k = SIGRTMIN; k <= SIGRTMAX; k++) handle(k);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}
