#include "cli/progress.h"

#include "base/alive.h"
#include "base/clock.h"
#include "cli/results.h"
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUIET_SECONDS = 600 /* a log gets a line at least so often */ };

/* Whether output goes to a terminal. Launchers give ranks a terminal even when their own output goes to a file, so
 * under a launcher the standard output of the parent process decides. On other hosts than the launcher's that is not
 * a terminal, and plain lines are right. */
static bool on_terminal(void)
{
    char link[64], target[64] = "";
    if (!isatty(STDOUT_FILENO)) return false;
    if (getenv("PMIX_RANK") == NULL && getenv("OMPI_COMM_WORLD_RANK") == NULL) return true;
    snprintf(link, sizeof link, "/proc/%ld/fd/1", (long)getppid());
    const ssize_t length = readlink(link, target, sizeof target - 1);
    return length > 0 && (strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0);
}

void hg_progress_begin(struct hg_progress *progress, const struct hg_run_heading *run)
{
    *progress = (struct hg_progress){
        .terminal = on_terminal(), .epochs = run->epochs, .metric = run->metric, .start = hg_clock_seconds()};
    progress->done = run->done;
    if (run->done > 0) hg_print("resumed after epoch %lld\n", (long long)run->done);
    if (run->of > 1)
        snprintf(progress->run, sizeof progress->run, "run %lld/%lld  ", (long long)run->number,
                 (long long)run->of);
}

static bool due(const struct hg_progress *progress, int64_t epoch, double now)
{
    if (epoch == progress->epochs) return true;
    if (progress->terminal) return now - progress->last_shown >= 0.1;
    if (now - progress->last_shown >= QUIET_SECONDS && progress->last_shown > 0) return true;
    return epoch == 1 || epoch % hg_max_i64(1, progress->epochs / 10) == 0;
}

void hg_progress_show(struct hg_progress *progress, const struct hg_run_point *point)
{
    const double now = hg_clock_seconds();
    if (!due(progress, point->epoch, now)) return;
    const double per_epoch = (now - progress->start) / (double)(point->epoch - progress->done);
    const double remaining = per_epoch * (double)(progress->epochs - point->epoch);
    char val[64] = "";
    if (!isnan(point->val)) snprintf(val, sizeof val, "  val %s %.4f", progress->metric, point->val);
    hg_print("%s%sepoch %lld/%lld  loss %.4f%s  %.3g s/epoch  %lld:%02lld left%s",
             progress->terminal ? "\r" : "", progress->run, (long long)point->epoch,
             (long long)progress->epochs, point->loss, val, point->seconds, (long long)remaining / 60,
             (long long)remaining % 60, progress->terminal ? "\x1b[K" : "\n");
    hg_results_flush();
    progress->last_shown = now;
}

void hg_progress_end(struct hg_progress *progress)
{
    if (!progress->terminal) return;
    hg_print("\n");
    hg_results_flush();
}

/* What the guard knows of the present step. Static because it looks from a thread of its own. */
static struct {
    pthread_mutex_t looking; /* held while it looks */
    bool on;
    uint64_t phases; /* number of the step */
    double start;    /* hg_clock_seconds when the step was first seen */
    double shown;    /* seconds from then to the last line; 0: none */
} steps = {.looking = PTHREAD_MUTEX_INITIALIZER};

static const double first_line = 2, interval = 60;

/* A number with three digits and a prefix: 12.3 M */
static const char *short_number(double number, char text[32])
{
    static const char prefix[][3] = {"", " k", " M", " G", " T"};
    int k = 0;
    for (; number >= 1000 && k < 4; k++) number /= 1000;
    snprintf(text, 32, "%.3g%s", number, prefix[k]);
    return text;
}

/* ": 43 %, 12.3 M edges/s, 0:07 left", as far as it is known. */
static void print_amount(const struct hg_alive *alive, double seconds)
{
    char rate[32];
    if (alive->unit == NULL || alive->total <= 0 || alive->done <= 0) {
        hg_print(": %.0f s\n", seconds);
        return;
    }
    const double share = fmin((double)alive->done / (double)alive->total, 1);
    const int64_t left = (int64_t)(seconds / share - seconds);
    hg_print(": %.0f %%, %s %s/s, %lld:%02lld left\n", 100 * share,
             short_number((double)alive->done / seconds, rate), alive->unit, (long long)left / 60,
             (long long)left % 60);
}

static void look_at_step(const struct hg_alive *alive)
{
    const double now = hg_clock_seconds();
    if (alive->phases != steps.phases) {
        steps.phases = alive->phases;
        steps.start = now;
        steps.shown = 0;
    }
    const double seconds = now - steps.start;
    if (alive->what == NULL || alive->number >= 0 /* an epoch, which has its own line */) return;
    if (seconds < fmax(first_line, fmin(2 * steps.shown, steps.shown + interval))) return;
    steps.shown = seconds;
    hg_print("%s", alive->what);
    print_amount(alive, seconds);
    hg_results_flush();
}

void hg_progress_look(void)
{
    const struct hg_alive alive = hg_alive_read();
    pthread_mutex_lock(&steps.looking);
    if (steps.on) look_at_step(&alive);
    pthread_mutex_unlock(&steps.looking);
}

void hg_progress_steps(bool on)
{
    pthread_mutex_lock(&steps.looking);
    steps.on = on;
    pthread_mutex_unlock(&steps.looking);
}
