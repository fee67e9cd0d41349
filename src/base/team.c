#include "base/team.h"

#include "base/clock.h"
#include "base/mem.h"
#include <linux/futex.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Seconds. docs/performance.md has the measurements behind them. */
static const double WATCH = 5e-3;   /* how long a waiting thread watches where nobody else wants its core */
static const double GAP = 3e-4;     /* losing the core for so long means that somebody does */
static const double SHARE = 0.05;   /* ... if it is also this share of the time */
static const double ACCOUNT = 2e-3; /* least time between looks at how much was lost */
static const double HOLD_LEAST = 0.05; /* how long waiting threads then sleep at once ... */
static const double HOLD_MOST =
    1.6; /* ... at most, where watching again turned out to be early again and again */

/* A thread, and what it knows of its time. */
struct member {
    _Alignas(64) struct hg_team *team;
    int index;
    pthread_t thread;
    double looked_wall, looked_cpu; /* when it last looked at how much of its time it lost */
    double slept;                   /* since then, because it wanted to */
};

struct hg_team {
    int threads, started; /* started: beside the caller's */
    struct member *member;
    bool ending;
    hg_team_fn *fn; /* of the job */
    void *context;
    int64_t count;
    _Alignas(64) uint32_t call; /* number of the job, which waiting threads watch */
    uint32_t sleepers;          /* ... in their sleep */
    _Alignas(64) int64_t next;  /* piece that nobody took */
    _Alignas(64) uint32_t done; /* threads that are done with the job */
    uint32_t caller_sleeps;
    _Alignas(64) double contended_until; /* on hg_clock_seconds' clock */
    double hold;
};

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static uint32_t load(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static double load_seconds(const double *value)
{
    double seconds;
    __atomic_load(value, &seconds, __ATOMIC_RELAXED);
    return seconds;
}

static void store_seconds(double *value, double seconds)
{
    __atomic_store(value, &seconds, __ATOMIC_RELAXED);
}

static double cpu_seconds(void)
{
    struct timespec used;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

/* Somebody else wants a core of ours. Threads may say so at once: any of their answers will do. */
static void contended(struct hg_team *team, double now)
{
    const double until = load_seconds(&team->contended_until);
    if (isinf(until)) return;
    double hold = load_seconds(&team->hold);
    if (now >= until) { /* soon after the last time, it had never stopped */
        hold = now - until < 2 * hold ? 2 * hold : HOLD_LEAST;
        if (hold > HOLD_MOST) hold = HOLD_MOST;
        store_seconds(&team->hold, hold);
    }
    store_seconds(&team->contended_until, now + hold);
}

/* How much of its time did this thread spend neither working nor in a sleep of its choice? */
static void look(struct member *me, double now)
{
    if (now - me->looked_wall < ACCOUNT) return;
    const double cpu = cpu_seconds(), wall = now - me->looked_wall;
    const double lost = wall - (cpu - me->looked_cpu) - me->slept;
    if (lost > GAP && lost > SHARE * wall) contended(me->team, now);
    me->looked_wall = now;
    me->looked_cpu = cpu;
    me->slept = 0;
}

/* Watches until the word is no longer `seen`, for at most so long; false when it still is. */
static bool watch(struct hg_team *team, const uint32_t *word, uint32_t seen, double seconds)
{
    const double start = hg_clock_seconds();
    for (double now = start, before; now - start < seconds;) {
        for (int k = 0; k < 16; k++) {
            if (load(word) != seen) return true;
            relax();
        }
        before = now;
        now = hg_clock_seconds();
        if (now - before > GAP) {
            contended(team, now);
            return load(word) != seen;
        }
    }
    return false;
}

static void sleep_while(uint32_t *word, uint32_t seen)
{
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void wake(uint32_t *word, int threads)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, threads, NULL, NULL, 0);
}

/* Waits until the word is no longer `seen`. `sleepers` tells who changes it that somebody is to be woken. */
static void wait_for(struct member *me, uint32_t *word, uint32_t seen, uint32_t *sleepers)
{
    struct hg_team *team = me->team;
    if (load(word) != seen) return;
    const double start = hg_clock_seconds();
    look(me, start);
    if (start >= load_seconds(&team->contended_until) && watch(team, word, seen, WATCH)) return;
    const double asleep = hg_clock_seconds();
    __atomic_add_fetch(sleepers, 1, __ATOMIC_SEQ_CST);
    while (load(word) == seen) sleep_while(word, seen);
    __atomic_sub_fetch(sleepers, 1, __ATOMIC_SEQ_CST);
    me->slept += hg_clock_seconds() - asleep;
}

static void take_pieces(struct hg_team *team, int index)
{
    const int64_t count = team->count;
    for (;;) {
        const int64_t piece = __atomic_fetch_add(&team->next, 1, __ATOMIC_RELAXED);
        if (piece >= count) return;
        team->fn(team->context, piece, index);
    }
}

static void *serve(void *argument)
{
    struct member *me = argument;
    struct hg_team *team = me->team;
    omp_set_num_threads(1); /* a BLAS built for OpenMP asks how many threads the calling one may start */
    for (uint32_t job = 1;; job++) {
        wait_for(me, &team->call, job - 1, &team->sleepers);
        if (team->ending) return NULL;
        take_pieces(team, me->index);
        __atomic_add_fetch(&team->done, 1, __ATOMIC_SEQ_CST);
        if (load(&team->caller_sleeps) > 0) wake(&team->done, 1);
    }
}

/* Calls the threads to the job that was described. */
static void call(struct hg_team *team)
{
    __atomic_add_fetch(&team->call, 1, __ATOMIC_SEQ_CST);
    if (load(&team->sleepers) > 0) wake(&team->call, team->started);
}

void hg_team_run(struct hg_team *team, int64_t count, hg_team_fn *fn, void *context)
{
    if (team->started == 0 || count < 2) {
        for (int64_t piece = 0; piece < count; piece++) fn(context, piece, 0);
        return;
    }
    team->fn = fn;
    team->context = context;
    team->count = count;
    team->next = 0;
    team->done = 0;
    call(team);
    take_pieces(team, 0);
    for (uint32_t done = load(&team->done); done != (uint32_t)team->started; done = load(&team->done))
        wait_for(&team->member[0], &team->done, done, &team->caller_sleeps);
}

/* Where OpenMP would have its threads: one mask each, if its environment binds them at all. */
static bool openmp_places(int threads, cpu_set_t *mask)
{
    int bound = 0;
    if (omp_get_proc_bind() == omp_proc_bind_false) return false;
#pragma omp parallel num_threads(threads) reduction(+ : bound)
    {
        cpu_set_t *mine = &mask[omp_get_thread_num()];
        bound = pthread_getaffinity_np(pthread_self(), sizeof *mine, mine) == 0;
    }
    return bound == threads;
}

/* Signals are for the thread that started the team. */
static hg_status start_thread(struct hg_team *team, int index, const cpu_set_t *mask)
{
    struct member *member = &team->member[index];
    pthread_attr_t attributes;
    sigset_t all, before;
    *member = (struct member){.team = team, .index = index, .looked_wall = hg_clock_seconds()};
    pthread_attr_init(&attributes);
    if (mask != NULL) pthread_attr_setaffinity_np(&attributes, sizeof *mask, mask);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&member->thread, &attributes, serve, member);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (error != 0)
        return hg_fail(HG_FAILED, "thread", "cannot be started: %s (fewer --threads?)", strerror(error));
    team->started++;
    return HG_OK;
}

static hg_status start_threads(struct hg_team *team)
{
    cpu_set_t *mask = NULL;
    hg_status status = HG_NEW(mask, team->threads);
    const bool bound = status == HG_OK && openmp_places(team->threads, mask);
    for (int t = 1; status == HG_OK && t < team->threads; t++)
        status = start_thread(team, t, bound ? &mask[t] : NULL);
    HG_FREE(mask);
    return status;
}

hg_status hg_team_create(int threads, bool crowded, struct hg_team **team)
{
    struct hg_team *new = NULL;
    *team = NULL;
    HG_TRY(HG_NEW(new, 1));
    *new =
        (struct hg_team){.threads = threads, .hold = HOLD_LEAST, .contended_until = crowded ? HUGE_VAL : 0};
    hg_status status = HG_NEW(new->member, threads);
    if (status == HG_OK) {
        new->member[0] =
            (struct member){.team = new, .looked_wall = hg_clock_seconds(), .looked_cpu = cpu_seconds()};
        status = start_threads(new);
    }
    if (status == HG_OK)
        *team = new;
    else
        hg_team_destroy(new);
    return status;
}

void hg_team_destroy(struct hg_team *team)
{
    if (team == NULL) return;
    team->ending = true;
    call(team);
    for (int t = 1; t <= team->started; t++) pthread_join(team->member[t].thread, NULL);
    hg_mem_free(team->member);
    hg_mem_free(team);
}
