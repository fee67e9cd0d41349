#include "cli/guard.h"

#include "base/clock.h"
#include "base/requests.h"
#include "base/unfinished.h"
#include "cli/crash.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 512, STOPPED = 75, TICK_MS = 100 };

/* How long a rank waits before it ends itself at SIGTERM. Launchers send SIGTERM to all ranks when one has failed, and
 * kill them a second later; then that rank's message is the only one that is printed. */
static const double grace = 1.5;

static const struct {
    int number;
    const char *name;
    enum hg_request request;
} taken[] = {
    {SIGUSR1, "SIGUSR1", HG_REQUEST_CHECKPOINT},
    {SIGUSR2, "SIGUSR2", HG_REQUEST_STOP},
    {SIGTERM, "SIGTERM", HG_REQUEST_STOP},
    {SIGINT, "SIGINT", HG_REQUEST_STOP},
};
enum { TAKEN = sizeof taken / sizeof *taken };

/* Static because the handler gets no argument for it. */
static struct {
    char verb[32];
    _Atomic double stop_within;
    atomic_bool training;
    atomic_int interrupts; /* SIGINT so far */
    double stop_at;        /* clock at which a request to stop was seen; 0: none */
} state;

static sigset_t signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (int k = 0; k < TAKEN; k++) sigaddset(&set, taken[k].number);
    return set;
}

/* Ends the process as the signal does by default. */
static void end_by(int signal_number)
{
    sigset_t one;
    hg_unfinished_remove();
    signal(signal_number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, signal_number);
    raise(signal_number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

/* Async-signal-safe. */
static void take(int signal_number)
{
    if (!atomic_load(&state.training)) end_by(signal_number);
    if (signal_number == SIGINT && atomic_fetch_add(&state.interrupts, 1) > 0) end_by(signal_number);
    for (int k = 0; k < TAKEN; k++)
        if (taken[k].number == signal_number) hg_request(taken[k].request, taken[k].name);
}

/* Ends the process without waiting for the training. */
static void leave(int64_t kept)
{
    char line[LINE_BYTES], from[64];
    hg_unfinished_remove();
    snprintf(from, sizeof from, "goes on from checkpoint-%lld.h5", (long long)kept);
    snprintf(line, sizeof line,
             "halogat %s: stopped (%s), the running epoch is lost: the same command with --resume %s\n",
             state.verb, hg_requests_why(), kept > 0 ? from : "starts again");
    if (hg_crash_is_first()) {
        const ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
        (void)ignored;
    }
    _exit(STOPPED);
}

/* Whether a stop that was requested `waited` seconds ago is given up. */
static bool gives_up(enum hg_attention attention, double waited)
{
    if (attention == HG_WRITING) return false;
    return waited > (attention == HG_UNATTENDED ? grace : atomic_load(&state.stop_within));
}

static void look(void)
{
    int64_t kept;
    const double now = hg_clock_seconds();
    const enum hg_attention attention = hg_requests_attention(&kept);
    if (!atomic_load(&state.training) || (hg_requests() & HG_REQUEST_STOP) == 0) {
        state.stop_at = 0;
        return;
    }
    if (state.stop_at == 0) state.stop_at = now;
    if (gives_up(attention, now - state.stop_at)) leave(kept);
}

static void *watch(void *context)
{
    const sigset_t set = signals();
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    (void)context;
    for (;;) {
        const int signal_number = sigtimedwait(&set, NULL, &tick);
        if (signal_number > 0) take(signal_number);
        look();
    }
    return NULL;
}

void hg_guard_begin(const char *verb)
{
    pthread_t thread;
    pthread_attr_t attributes;
    const sigset_t set = signals();
    /* for threads that do not have the mask: those that libraries started when they were loaded */
    struct sigaction action = {.sa_handler = take};
    snprintf(state.verb, sizeof state.verb, "%s", verb);
    sigfillset(&action.sa_mask);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    for (int k = 0; k < TAKEN; k++) sigaction(taken[k].number, &action, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, watch, NULL) != 0) pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    pthread_attr_destroy(&attributes);
}

void hg_guard_training(double stop_within)
{
    atomic_store(&state.stop_within, stop_within);
    hg_requests_attend(HG_UNATTENDED, 0);
    atomic_store(&state.training, true);
}

void hg_guard_end(void)
{
    atomic_store(&state.training, false);
}
