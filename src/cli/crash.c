#include "cli/crash.h"

#include "base/printable.h"
#include "base/status.h"
#include "base/unfinished.h"
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_BYTES = 1 << 16, LINE_BYTES = 2048, SIGNALS = 5 };

static const int crashes[SIGNALS] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

/* What the signal handlers need. It is static because a handler gets no argument for it. */
static struct {
    struct sigaction before[SIGNALS];
    char prefix[64];         /* beginning of the message */
    struct sockaddr_un name; /* socket name of the job: the rank that binds it first prints the message */
    _Alignas(64) char stack[STACK_BYTES]; /* stack of the handlers: the program's own may be full */
    unsigned step;                        /* hg_reading_step at the last timer signal */
} state;

/* Start and end of the program's own code: symbols of the linker. */
extern const char __executable_start, etext;

/* Whether the instruction that crashed is in the program itself, not in a shared library. abort() always counts as a
 * library. */
static bool is_own(const ucontext_t *context)
{
#if defined(__x86_64__)
    const char *at = (const char *)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    const char *at = (const char *)context->uc_mcontext.pc;
#else
    const char *at = NULL;
    (void)context;
#endif
    return at >= &__executable_start && at < &etext;
}

/* Makes the socket name of this job: from a variable that all ranks of a launcher share; without a launcher, from the
 * pid. */
static void name_job(void)
{
    static const char *const variables[] = {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", "SLURM_JOB_ID"};
    char job[64];
    snprintf(job, sizeof job, "%ld", (long)getpid());
    for (size_t k = 0; k < sizeof variables / sizeof variables[0]; k++) {
        const char *value = getenv(variables[k]);
        if (value == NULL) continue;
        snprintf(job, sizeof job, "%s", value);
        break;
    }
    state.name.sun_family =
        AF_UNIX; /* the first byte of the path stays 0: an abstract name, without a file */
    snprintf(state.name.sun_path + 1, sizeof state.name.sun_path - 1, "halogat-crash-%ld-%s", (long)getuid(),
             job);
}

/* Whether this rank is the first of its host to crash: it can bind the job's socket name. The name is free again when
 * the process ends. */
bool hg_crash_is_first(void)
{
    if (state.name.sun_family != AF_UNIX) name_job();
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return descriptor < 0 || bind(descriptor, (const struct sockaddr *)&state.name, sizeof state.name) == 0;
}

/* Waits for one second, with SIGTERM enabled: launchers send it to the other ranks when one has ended. */
static void wait_for_end(void)
{
    static const struct timespec second = {.tv_sec = 1};
    sigset_t end;
    signal(SIGTERM, SIG_DFL);
    sigemptyset(&end);
    sigaddset(&end, SIGTERM);
    sigprocmask(SIG_UNBLOCK, &end, NULL);
    nanosleep(&second, NULL);
}

/* Prints the line once for all ranks of this host. When the first rank ends, the name becomes free, and the launcher
 * takes a while to end the other ranks. A rank that crashes in that time can bind the name, too; it waits before it
 * prints, and is ended by then. */
static void print_once(const char *line)
{
    const bool first = hg_crash_is_first();
    wait_for_end();
    if (first) {
        const ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
        (void)ignored;
    } else {
        wait_for_end(); /* so that the first rank prints before another one ends */
    }
}

static void end_damaged(const char *what, int signal_number, const char *file)
{
    char line[LINE_BYTES], shown[LINE_BYTES - 256];
    /* with strings and one integer only, snprintf allocates no memory */
    snprintf(line, sizeof line, "%s%s: %s: damaged file? (signal %d)\n", state.prefix,
             hg_printed(file, shown, sizeof shown), what, signal_number);
    print_once(line);
    _exit(1);
}

static void on_crash(int signal_number, siginfo_t *about, void *context)
{
    char line[LINE_BYTES];
    const char *file = hg_reading();
    (void)about;
    hg_unfinished_remove();
    for (int k = 0; k < SIGNALS; k++) sigaction(crashes[k], &state.before[k], NULL);
    if (file != NULL && !is_own(context)) end_damaged("crashed while reading it", signal_number, file);
    snprintf(line, sizeof line, "%sinternal error (signal %d): please report it\n", state.prefix,
             signal_number);
    print_once(line);
    raise(signal_number); /* delivered when this handler returns, to the handler that was there before */
}

static void on_watch(int signal_number)
{
    const char *file = hg_reading();
    const unsigned step = hg_reading_step();
    if (file != NULL && step != 0 && step == state.step) {
        hg_unfinished_remove();
        end_damaged("reading it does not end", signal_number, file);
    }
    state.step = step;
}

static void name_lines(const char *verb)
{
    snprintf(state.prefix, sizeof state.prefix, "halogat%s%s: ", verb[0] != '\0' ? " " : "", verb);
    name_job();
}

void hg_crash_watch(const char *verb)
{
    const struct itimerval often = {.it_interval = {.tv_sec = 5}, .it_value = {.tv_sec = 5}};
    struct sigaction action = {.sa_handler = on_watch, .sa_flags = SA_RESTART | SA_ONSTACK};
    name_lines(verb);
    sigfillset(&action.sa_mask);
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &often, NULL); /* counts the time that the process computes */
}

void hg_crash_begin(const char *verb)
{
    const stack_t stack = {.ss_sp = state.stack, .ss_size = sizeof state.stack};
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigfillset(&action.sa_mask);
    hg_crash_watch(verb);
    for (int k = 0; k < SIGNALS; k++) sigaction(crashes[k], &action, &state.before[k]);
}
