#include "base/alive.h"

#include <stdatomic.h>
#include <stddef.h>

/* Written by the main thread, read by the watchdog, except `asked`. */
static struct {
    _Atomic uint64_t ticks;
    const char *_Atomic what;
    _Atomic int64_t number, total, done;
    _Atomic uint64_t phases;
    const char *_Atomic unit;
    atomic_bool exempt, waits, asked;
    atomic_int waits_for;
} state = {.number = -1, .waits_for = -1};

void hg_alive_tick(void)
{
    /* not an atomic addition, which would be slower: only one thread writes */
    const uint64_t ticks = atomic_load_explicit(&state.ticks, memory_order_relaxed);
    atomic_store_explicit(&state.ticks, ticks + 1, memory_order_relaxed);
}

void hg_alive_phase(const char *what, int64_t number)
{
    atomic_store_explicit(&state.what, what, memory_order_relaxed);
    atomic_store_explicit(&state.number, number, memory_order_relaxed);
    hg_alive_total(NULL, 0);
    atomic_store(&state.phases, atomic_load(&state.phases) + 1);
}

void hg_alive_total(const char *unit, int64_t total)
{
    atomic_store_explicit(&state.unit, unit, memory_order_relaxed);
    atomic_store_explicit(&state.total, total, memory_order_relaxed);
    hg_alive_done(0);
}

void hg_alive_done(int64_t done)
{
    atomic_store_explicit(&state.done, done, memory_order_relaxed);
    hg_alive_tick();
}

void hg_alive_add(int64_t more)
{
    hg_alive_done(atomic_load_explicit(&state.done, memory_order_relaxed) + more);
}

void hg_alive_exempt(bool exempt)
{
    atomic_store_explicit(&state.exempt, exempt, memory_order_relaxed);
    hg_alive_tick();
}

void hg_alive_wait_begin(void)
{
    atomic_store_explicit(&state.waits, true, memory_order_relaxed);
}

void hg_alive_wait_end(void)
{
    atomic_store_explicit(&state.waits, false, memory_order_relaxed);
    hg_alive_tick();
}

bool hg_alive_asked(void)
{
    return atomic_load_explicit(&state.asked, memory_order_relaxed);
}

void hg_alive_answer(int rank)
{
    atomic_store(&state.waits_for, rank);
    atomic_store(&state.asked, false);
}

struct hg_alive hg_alive_read(void)
{
    return (struct hg_alive){.ticks = atomic_load(&state.ticks),
                             .what = atomic_load(&state.what),
                             .number = atomic_load(&state.number),
                             .phases = atomic_load(&state.phases),
                             .unit = atomic_load(&state.unit),
                             .total = atomic_load(&state.total),
                             .done = atomic_load(&state.done),
                             .exempt = atomic_load(&state.exempt),
                             .waits = atomic_load(&state.waits),
                             .waits_for = atomic_load(&state.waits_for)};
}

void hg_alive_ask(void)
{
    atomic_store(&state.waits_for, -1);
    atomic_store(&state.asked, true);
}
