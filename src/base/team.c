#include "base/team.h"

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

/* Seconds. docs/performance.md has the measurements behind them. */
static const double WATCH = 5e-3;    /* how long a waiting thread watches where nobody else wants its core */
static const double ACCOUNT = 10e-3; /* over how long it counts the time that others had its core */
static const double SHARE =
    0.2; /* so much of that means that somebody wants it; what systems do now and then takes less */
static const double HOLD_LEAST = 0.05; /* how long waiting threads then sleep at once ... */
static const double HOLD_MOST =
    1.6; /* ... at most, where watching again turned out to be early again and again */

/* A thread, and what it knows of its time. */
struct member {
    _Alignas(64) struct hg_team *team;
    int index;
    pthread_t thread;
    int schedstat; /* the kernel's file about it; below 0: none */
    double looked; /* when it last looked at how long it had waited for a core; 0: it forgot */
    double queued; /* what it saw */
};

struct hg_team {
    int threads, started; /* started: beside the caller's */
    struct member *member;
    bool ending;
    hg_team_fn *fn; /* of the job, as `context` and `count` */
    void *context;
    uint32_t count;
    _Alignas(64) uint32_t call;   /* number of the job, which waiting threads watch */
    uint32_t sleepers;            /* ... in their sleep */
    _Alignas(64) uint64_t pieces; /* number of the job << 32 | its pieces that nobody took */
    _Alignas(64) uint32_t undone; /* its pieces that are not done */
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

/* The kernel's file about the calling thread. */
static int open_schedstat(void)
{
    return open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
}

/* How long the calling thread was ready to run while its core ran others; 0 where the kernel does not tell. Time that a hypervisor takes
 * is not part of it: sleeping does not make that come back sooner. */
static double queued_seconds(const struct member *me)
{
    char text[128];
    unsigned long long ran, queued;
    const ssize_t length = pread(me->schedstat, text, sizeof text - 1, 0);
    if (length <= 0) return 0;
    text[length] = '\0';
    return sscanf(text, "%llu %llu", &ran, &queued) == 2 ? 1e-9 * (double)queued : 0;
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

/* Does somebody else want a core of ours, as far as this thread can tell? */
static bool crowded(struct member *me, double now)
{
    struct hg_team *team = me->team;
    if (now < load_seconds(&team->contended_until)) {
        me->looked = 0; /* threads that were just woken queue as well */
        return true;
    }
    if (now - me->looked < ACCOUNT) return false;
    const double queued = queued_seconds(me), lost = queued - me->queued;
    const bool taken = me->looked > 0 && lost > SHARE * (now - me->looked);
    me->looked = now;
    me->queued = queued;
    if (taken) contended(team, now);
    return taken;
}

/* Watches until the word is no longer `seen`; false when it still is after a while. */
static bool watch(struct member *me, const uint32_t *word, uint32_t seen)
{
    const double start = hg_clock_seconds();
    for (double now = start; now - start < WATCH && !crowded(me, now); now = hg_clock_seconds())
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

/* Waits until the word is no longer `seen`. `sleepers` tells who changes it that somebody is to be woken. */
static void wait_for(struct member *me, uint32_t *word, uint32_t seen, uint32_t *sleepers)
{
    if (watch(me, word, seen)) return;
    __atomic_add_fetch(sleepers, 1, __ATOMIC_SEQ_CST);
    while (load(word) == seen) sleep_while(word, seen);
    __atomic_sub_fetch(sleepers, 1, __ATOMIC_SEQ_CST);
}

/* Works on pieces of the job as long as there are some. A thread that comes late finds none, or those of a later job. What it reads of a job
 * is that job's: if it is not, pieces of another one were described meanwhile, and `pieces` is no longer what was read of it. */
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
        taken++;
        seen = __atomic_load_n(&team->pieces, __ATOMIC_SEQ_CST);
    }
    if (taken > 0) __atomic_sub_fetch(&team->undone, taken, __ATOMIC_SEQ_CST);
}

static void *serve(void *argument)
{
    struct member *me = argument;
    struct hg_team *team = me->team;
    me->schedstat = open_schedstat();
    omp_set_num_threads(1); /* a BLAS built for OpenMP asks how many threads the calling one may start */
    for (uint32_t seen = 0;;) {
        wait_for(me, &team->call, seen, &team->sleepers);
        seen = load(&team->call);
        if (team->ending) return NULL;
        take_pieces(team, me->index);
        if (load(&team->caller_sleeps) > 0) wake(&team->undone, 1);
    }
}

/* Calls the threads to the job that was described. */
static void call(struct hg_team *team)
{
    __atomic_add_fetch(&team->call, 1, __ATOMIC_SEQ_CST);
    if (load(&team->sleepers) > 0) wake(&team->call, team->started);
}

void hg_team_run(struct hg_team *team, hg_lid count, hg_team_fn *fn, void *context)
{
    struct member *me = &team->member[0];
    if (team->started == 0 || count < 2) {
        for (hg_lid piece = 0; piece < count; piece++) fn(context, piece, 0);
        return;
    }
    __atomic_store_n(&team->fn, fn, __ATOMIC_RELAXED);
    __atomic_store_n(&team->context, context, __ATOMIC_RELAXED);
    __atomic_store_n(&team->count, (uint32_t)count, __ATOMIC_RELAXED);
    __atomic_store_n(&team->undone, (uint32_t)count, __ATOMIC_RELAXED);
    __atomic_store_n(&team->pieces, (uint64_t)(team->call + 1) << 32 | (uint32_t)count, __ATOMIC_SEQ_CST);
    call(team);
    take_pieces(team, 0);
    crowded(me, hg_clock_seconds()); /* a thread that is late because of it may never have to wait */
    for (uint32_t undone = load(&team->undone); undone != 0; undone = load(&team->undone))
        wait_for(me, &team->undone, undone, &team->caller_sleeps);
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

hg_status hg_team_create(int threads, bool crowded, struct hg_team **team)
{
    struct hg_team *new = NULL;
    *team = NULL;
    HG_TRY(HG_NEW(new, 1));
    *new =
        (struct hg_team){.threads = threads, .hold = HOLD_LEAST, .contended_until = crowded ? HUGE_VAL : 0};
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
    team->ending = true;
    call(team);
    for (int t = 1; t <= team->started; t++) pthread_join(team->member[t].thread, NULL);
    for (int t = 0; team->member != NULL && t <= team->started; t++)
        if (team->member[t].schedstat >= 0) close(team->member[t].schedstat);
    hg_mem_free(team->member);
    hg_mem_free(team);
}
