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

/* What a handler needs: nothing can be handed to it. */
static struct {
    struct sigaction before[SIGNALS];
    char begin[64];                       /* of the line */
    struct sockaddr_un name;              /* of the job, for which the ranks of a host compete */
    _Alignas(64) char stack[STACK_BYTES]; /* of the handler: that of the program may be full */
    unsigned step;                        /* of reading, when the watch last looked */
} state;

/* Ends of the program's own code (the linker's symbols). */
extern const char __executable_start, etext;

/* Whether the program itself crashed, not a library: an abort comes from a library in either case. */
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

/* Whether no other rank of this host has come first. The name goes when the process does. */
static bool is_first(void)
{
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return descriptor < 0 || bind(descriptor, (const struct sockaddr *)&state.name, sizeof state.name) == 0;
}

/* One second, or the end of the process: launchers ask first the ranks that are left after one has ended. */
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

/* Says the line once for all ranks of this host. The name is free again when its rank ends, and it takes a while until the launcher ends
 * the others: a rank that comes then takes the name and is ended while it waits. */
static void say_once(const char *line)
{
    const bool first = is_first();
    wait_for_end();
    if (first) {
        const ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
        (void)ignored;
    } else {
        wait_for_end(); /* the first speaks before any ends */
    }
}

static void end_damaged(const char *what, int signal_number, const char *file)
{
    char line[LINE_BYTES], shown[LINE_BYTES - 256];
    /* of strings and one number: it allocates nothing */
    snprintf(line, sizeof line, "%s%s: %s: damaged file? (signal %d)\n", state.begin,
             hg_printed(file, shown, sizeof shown), what, signal_number);
    say_once(line);
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
    snprintf(line, sizeof line, "%sinternal error (signal %d): please report it\n", state.begin,
             signal_number);
    say_once(line);
    raise(signal_number); /* it comes when this returns */
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

/* A name that is this job's: ranks of a launcher share its variables, a process without one is alone. */
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
    state.name.sun_family = AF_UNIX; /* a first byte of 0: no file */
    snprintf(state.name.sun_path + 1, sizeof state.name.sun_path - 1, "halogat-crash-%ld-%s", (long)getuid(),
             job);
}

static void name_lines(const char *verb)
{
    snprintf(state.begin, sizeof state.begin, "halogat%s%s: ", verb[0] != '\0' ? " " : "", verb);
    name_job();
}

void hg_crash_watch(const char *verb)
{
    const struct itimerval often = {.it_interval = {.tv_sec = 5}, .it_value = {.tv_sec = 5}};
    struct sigaction action = {.sa_handler = on_watch, .sa_flags = SA_RESTART | SA_ONSTACK};
    name_lines(verb);
    sigfillset(&action.sa_mask);
    sigaction(SIGVTALRM, &action, NULL);
    setitimer(ITIMER_VIRTUAL, &often, NULL); /* in time that the process computes */
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
