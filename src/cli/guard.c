#include "cli/guard.h"

#include "base/alive.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/requests.h"
#include "base/unfinished.h"
#include "cli/crash.h"
#include "cli/progress.h"
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 512, HOST_BYTES = 64, FAILED = 1, STOPPED = 75, TICK_MS = 100 };

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
    /* the watchdog */
    pthread_mutex_t watching;     /* held while the watchdog looks */
    _Atomic double stall_seconds; /* 0: it is off */
    int rank;
    char (*host)[HOST_BYTES]; /* [ranks] */
    uint64_t ticks;           /* last seen */
    double stalled;           /* seconds since they changed, without time in which this process was stopped */
    double looked;            /* clock of the last look */
} state = {.watching = PTHREAD_MUTEX_INITIALIZER};

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

/* Ends the process without waiting for the main thread. One rank of each host prints the line: it stays for a moment,
 * so that the others see that they are not the first. */
static void end_with(int code, const char *line)
{
    static const struct timespec moment = {.tv_nsec = 500000000L};
    hg_unfinished_remove();
    if (hg_crash_is_first()) {
        const ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
        (void)ignored;
    }
    nanosleep(&moment, NULL);
    _exit(code);
}

static void leave(int64_t kept)
{
    char line[LINE_BYTES], from[64];
    snprintf(from, sizeof from, "from checkpoint-%lld.h5", (long long)kept);
    snprintf(
        line, sizeof line,
        "halogat %s: stopped (%s) before the end of an epoch: the same command with --resume goes on %s\n",
        state.verb, hg_requests_why(), kept > 0 ? from : "from the last checkpoint, if there is one");
    end_with(STOPPED, line);
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

/* What a rank that makes no progress is doing, as text: " (epoch 12; waits for rank 3 on host b)". */
static void describe(const struct hg_alive *alive, char *text, size_t size)
{
    char number[32] = "", peer[HOST_BYTES + 64] = "";
    if (alive->number >= 0) snprintf(number, sizeof number, " %lld", (long long)alive->number);
    if (alive->waits) snprintf(peer, sizeof peer, "; waits for other ranks");
    if (alive->waits && alive->waits_for >= 0)
        snprintf(peer, sizeof peer, "; waits for rank %d on host %s", alive->waits_for,
                 state.host[alive->waits_for]);
    snprintf(text, size, "%s%s%s", alive->what != NULL ? alive->what : "start", number, peer);
}

static void end_stalled(const struct hg_alive *alive)
{
    char line[LINE_BYTES], what[HOST_BYTES + 160];
    describe(alive, what, sizeof what);
    snprintf(line, sizeof line, "halogat %s: rank %d on host %s: no progress for %.3g minutes (%s)\n",
             state.verb, state.rank, state.host[state.rank], state.stalled / 60, what);
    end_with(FAILED, line);
}

/* The watchdog. Ranks that wait end the job later than one that does not, and one after the other. */
static void look_for_stall(void)
{
    const double limit = atomic_load(&state.stall_seconds), now = hg_clock_seconds();
    const struct hg_alive alive = hg_alive_read();
    const double since = now - state.looked, most = 10.0 * TICK_MS / 1000;
    const double patience = alive.waits ? 1.25 * limit + 0.1 * (state.rank < 50 ? state.rank : 50) : limit;
    const double before = state.stalled;
    state.looked = now;
    state.stalled += since < most ? since : most;
    if (alive.ticks != state.ticks || alive.exempt || limit == 0) state.stalled = 0;
    state.ticks = alive.ticks;
    if (limit > 0 && before < limit && state.stalled >= limit) hg_alive_ask();
    if (limit > 0 && state.stalled > patience) end_stalled(&alive);
}

static void *watch(void *context)
{
    const sigset_t set = signals();
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    (void)context;
    pthread_setname_np(pthread_self(), "guard"); /* for `top -H` and debuggers */
    for (;;) {
        const int signal_number = sigtimedwait(&set, NULL, &tick);
        if (signal_number > 0) take(signal_number);
        look();
        hg_progress_look();
        pthread_mutex_lock(&state.watching);
        look_for_stall();
        pthread_mutex_unlock(&state.watching);
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
    atomic_store(&state.training, strcmp(verb, "train") == 0);
    atomic_store(&state.stop_within, HUGE_VAL);
    sigfillset(&action.sa_mask);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    for (int k = 0; k < TAKEN; k++) sigaction(taken[k].number, &action, NULL);
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attributes, watch, NULL) != 0) pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    pthread_attr_destroy(&attributes);
}

hg_status hg_guard_watch(const struct hg_comm *comm, double minutes)
{
    char host[HOST_BYTES] = "";
    gethostname(host, sizeof host - 1);
    for (char *c = host; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c > '~') *c = '?';
    HG_TRY(hg_agree(comm, HG_NEW(state.host, comm->size)));
    hg_comm_allgather_bytes(comm, host, sizeof host, state.host);
    state.rank = comm->rank;
    atomic_store(&state.stall_seconds, 60 * minutes);
    return HG_OK;
}

void hg_guard_stop_within(double seconds)
{
    atomic_store(&state.stop_within, seconds);
}

void hg_guard_end(void)
{
    hg_requests_attend(HG_WRITING, 0);
    pthread_mutex_lock(&state.watching);
    atomic_store(&state.stall_seconds, 0);
    HG_FREE(state.host);
    pthread_mutex_unlock(&state.watching);
}
