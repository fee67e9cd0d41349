#include "base/team.h"

#include "base/alive.h"
#include "base/clock.h"
#include "base/mem.h"
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Seconds; docs/performance.md has the measurements behind them. A waiting thread first spins (watches a word in
 * memory), which costs a core but no wake-up, then sleeps. While other processes use a core of the team, it sleeps at
 * once. */
static const double SPIN_LIMIT = 5e-3; /* longest time that a waiting thread spins */
static const double WINDOW = 10e-3;    /* interval over which it measures how long others had its core */
/* a larger share than this means another process; usual system activity takes less */
static const double SHARE = 0.2;
static const double HOLD_MIN = 0.05; /* first interval in which waiting threads then sleep at once */
static const double HOLD_MAX = 1.6;  /* longest one: doubled each time that it ended too early */

/* A thread of the team, and its measurement of the time that it waited for a core. */
struct member {
    _Alignas(64) struct hg_team *team;
    int index;
    pthread_t thread;
    int schedstat;      /* descriptor of its /proc/.../schedstat; below 0: none */
    double measured_at; /* when `waited` was read; 0: not since the team was last contended */
    double waited;      /* seconds that it had then spent runnable, waiting for a core */
};

struct hg_team {
    int threads, started; /* started: those beside the caller's */
    struct member *member;
    bool stopping;
    hg_team_fn *fn; /* of the current job, with `context` and `count` */
    void *context;
    uint32_t count;
    _Alignas(64) uint32_t job; /* number of the current job: waiting threads wait for it to change */
    uint32_t sleepers;         /* threads that sleep until it changes */
    /* number of the job << 32 | number of its pieces that no thread has taken */
    _Alignas(64) uint64_t pieces;
    _Alignas(64) uint32_t unfinished; /* number of its pieces that are not done */
    uint32_t caller_sleeps;
    /* time (hg_clock_seconds) until which waiting threads sleep at once, and the length of that interval */
    _Alignas(64) double contended_until;
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

/* The kernel's scheduling statistics of the calling thread. */
static int open_schedstat(void)
{
    return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* Seconds that the calling thread was runnable while its core ran other threads; 0 where the kernel does not say.
 * Time that a hypervisor takes is not included: sleeping does not bring it back sooner. */
static double waited_seconds(const struct member *me)
{
    char text[128];
    unsigned long long ran, waited;
    const ssize_t length = pread(me->schedstat, text, sizeof text - 1, 0);
    if (length <= 0) return 0;
    text[length] = '\0';
    return sscanf(text, "%llu %llu", &ran, &waited) == 2 ? 1e-9 * (double)waited : 0;
}

/* Another process wants a core of the team: waiting threads sleep for a while. Several threads may call this at once;
 * it does not matter whose values remain. */
static void set_contended(struct hg_team *team, double now)
{
    const double until = load_seconds(&team->contended_until);
    if (isinf(until)) return;
    double hold = load_seconds(&team->hold);
    if (now >= until) { /* soon after the last interval: the other process had not stopped */
        hold = now - until < 2 * hold ? 2 * hold : HOLD_MIN;
        if (hold > HOLD_MAX) hold = HOLD_MAX;
        store_seconds(&team->hold, hold);
    }
    store_seconds(&team->contended_until, now + hold);
}

/* Whether another process wants a core of the team, as far as this thread can tell. */
static bool core_is_contended(struct member *me, double now)
{
    struct hg_team *team = me->team;
    if (now < load_seconds(&team->contended_until)) {
        me->measured_at = 0; /* threads that were just woken wait for a core as well: do not count that */
        return true;
    }
    if (now - me->measured_at < WINDOW) return false;
    const double waited = waited_seconds(me), waiting = waited - me->waited;
    const bool busy = me->measured_at > 0 && waiting > SHARE * (now - me->measured_at);
    me->measured_at = now;
    me->waited = waited;
    if (busy) set_contended(team, now);
    return busy;
}

/* Spins until *word differs from `seen`; false when it has not changed within SPIN_LIMIT, or other processes want
 * the core. */
static bool spin(struct member *me, const uint32_t *word, uint32_t seen)
{
    const double start = hg_clock_seconds();
    for (double now = start; now - start < SPIN_LIMIT && !core_is_contended(me, now);
         now = hg_clock_seconds())
        for (int k = 0; k < 16; k++) {
            if (load(word) != seen) return true;
            relax();
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

/* Waits until *word differs from `seen`. A thread that sleeps is counted in *sleepers, so that whoever changes the
 * word knows that it must wake threads. */
static void wait_for(struct member *me, uint32_t *word, uint32_t seen, uint32_t *sleepers)
{
    if (spin(me, word, seen)) return;
    __atomic_add_fetch(sleepers, 1, __ATOMIC_SEQ_CST);
    while (load(word) == seen) sleep_while(word, seen);
    __atomic_sub_fetch(sleepers, 1, __ATOMIC_SEQ_CST);
}

/* Works on pieces of the job while there are any. A thread that comes late finds none, or those of a later job. The
 * fields of the job are read without a lock: if another job replaced them meanwhile, then `pieces`, which contains
 * the job's number, has changed, the compare-and-exchange fails, and they are read again. */
static void take_pieces(struct hg_team *team, int index)
{
    uint32_t taken = 0;
    for (uint64_t seen = __atomic_load_n(&team->pieces, __ATOMIC_SEQ_CST); (uint32_t)seen > 0;) {
        hg_team_fn *fn = __atomic_load_n(&team->fn, __ATOMIC_RELAXED);
        void *context = __atomic_load_n(&team->context, __ATOMIC_RELAXED);
        const hg_lid piece = (hg_lid)(__atomic_load_n(&team->count, __ATOMIC_RELAXED) - (uint32_t)seen);
        if (!__atomic_compare_exchange_n(&team->pieces, &seen, seen - 1, false, __ATOMIC_SEQ_CST,
                                         __ATOMIC_SEQ_CST))
            continue;
        fn(context, piece, index);
        if (index == 0) hg_alive_tick();
        taken++;
        seen = __atomic_load_n(&team->pieces, __ATOMIC_SEQ_CST);
    }
    if (taken > 0) __atomic_sub_fetch(&team->unfinished, taken, __ATOMIC_SEQ_CST);
}

static void *serve(void *argument)
{
    struct member *me = argument;
    struct hg_team *team = me->team;
    me->schedstat = open_schedstat();
    omp_set_num_threads(1); /* a BLAS built with OpenMP asks how many threads the calling thread may start */
    for (uint32_t seen = 0;;) {
        wait_for(me, &team->job, seen, &team->sleepers);
        seen = load(&team->job);
        if (__atomic_load_n(&team->stopping, __ATOMIC_RELAXED)) return NULL;
        take_pieces(team, me->index);
        if (load(&team->caller_sleeps) > 0) wake(&team->unfinished, 1);
    }
}

/* Starts the job that was written to the team: changes the number that the threads wait for. */
static void start_job(struct hg_team *team)
{
    __atomic_add_fetch(&team->job, 1, __ATOMIC_SEQ_CST);
    if (load(&team->sleepers) > 0) wake(&team->job, team->started);
}

void hg_team_run(struct hg_team *team, hg_lid count, hg_team_fn *fn, void *context)
{
    if (team == NULL || team->started == 0 || count < 2) {
        for (hg_lid piece = 0; piece < count; piece++) {
            fn(context, piece, 0);
            hg_alive_tick();
        }
        return;
    }
    __atomic_store_n(&team->fn, fn, __ATOMIC_RELAXED);
    __atomic_store_n(&team->context, context, __ATOMIC_RELAXED);
    __atomic_store_n(&team->count, (uint32_t)count, __ATOMIC_RELAXED);
    __atomic_store_n(&team->unfinished, (uint32_t)count, __ATOMIC_RELAXED);
    __atomic_store_n(&team->pieces, (uint64_t)(team->job + 1) << 32 | (uint32_t)count, __ATOMIC_SEQ_CST);
    start_job(team);
    take_pieces(team, 0);
    /* measured here too: a caller whose core others use may always be the last to finish, and never wait */
    struct member *me = &team->member[0];
    core_is_contended(me, hg_clock_seconds());
    for (uint32_t unfinished = load(&team->unfinished); unfinished != 0; unfinished = load(&team->unfinished))
        wait_for(me, &team->unfinished, unfinished, &team->caller_sleeps);
}

/* The affinity masks of the threads that OpenMP would start; false unless its environment binds threads. */
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

/* Threads block all signals: the thread that created the team handles them. */
static hg_status start_thread(struct hg_team *team, int index, const cpu_set_t *mask)
{
    struct member *member = &team->member[index];
    pthread_attr_t attributes;
    sigset_t all, before;
    *member = (struct member){.team = team, .index = index, .schedstat = -1};
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

hg_status hg_team_create(int threads, bool oversubscribed, struct hg_team **team)
{
    struct hg_team *new = NULL;
    *team = NULL;
    HG_TRY(HG_NEW(new, 1));
    *new = (struct hg_team){
        .threads = threads, .hold = HOLD_MIN, .contended_until = oversubscribed ? HUGE_VAL : 0};
    hg_status status = HG_NEW(new->member, threads);
    if (status == HG_OK) {
        new->member[0] = (struct member){.team = new, .schedstat = open_schedstat()};
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
    __atomic_store_n(&team->stopping, true, __ATOMIC_RELAXED);
    start_job(team);
    for (int t = 1; t <= team->started; t++) pthread_join(team->member[t].thread, NULL);
    for (int t = 0; team->member != NULL && t <= team->started; t++)
        if (team->member[t].schedstat >= 0) close(team->member[t].schedstat);
    hg_mem_free(team->member);
    hg_mem_free(team);
}
