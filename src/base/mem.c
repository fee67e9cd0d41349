#include "base/mem.h"

#include "base/memory_left.h"
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_int_fast64_t live_blocks, total_calls, live_bytes, peak_bytes;
static int64_t fail_at = -1;
static bool poison;

static bool must_fail(void)
{
    const int64_t call = atomic_fetch_add(&total_calls, 1);
    return fail_at >= 0 && call >= fail_at;
}

/* Linux grants more memory than exists and kills a process that writes more than is free. So a large block is written
 * PART bytes at a time, and every LOOK bytes the memory that the host and its control groups have left is compared
 * with what is still to be written. Ranks of one host that allocate at the same time see each other's progress. */
enum { PART = 4 << 20, LOOK = 32 << 20 };

/* A block that is being written, by the caller or by the threads of a team. */
struct filling {
    char *block;
    size_t bytes;
    int byte;
    bool failed;
};

static void fill_part(void *context, hg_lid part, int thread)
{
    struct filling *f = context;
    const size_t first = (size_t)part * PART, left = f->bytes - first;
    (void)thread;
    if (first % LOOK == 0 && f->bytes > LOOK && hg_memory_left("") < (int64_t)left)
        __atomic_store_n(&f->failed, true, __ATOMIC_RELAXED);
    if (!__atomic_load_n(&f->failed, __ATOMIC_RELAXED))
        memset(f->block + first, f->byte, left < PART ? left : PART);
}

static bool fill(struct hg_team *team, char *block, size_t bytes, int byte)
{
    struct filling filling = {block, bytes, byte, false};
    const hg_lid parts = (hg_lid)((bytes + PART - 1) / PART);
    if (team != NULL)
        hg_team_run(team, parts, fill_part, &filling);
    else
        for (hg_lid part = 0; part < parts; part++) fill_part(&filling, part, 0);
    return !filling.failed;
}

/* Kernels gather rows from all over large blocks: huge pages need far fewer address translations (TLB misses). */
enum { LINE = 64, HUGE_PAGE = 2 << 20 };

static void *filled_block(struct hg_team *team, size_t bytes, int byte)
{
    void *block = NULL;
    const bool large = bytes >= 2 * HUGE_PAGE;
    if (posix_memalign(&block, large ? HUGE_PAGE : LINE, bytes + sizeof(size_t)) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    if (large) madvise(block, bytes, MADV_HUGEPAGE); /* only advice: pages may stay small */
#endif
    if (fill(team, block, bytes, byte)) return block;
    free(block);
    return NULL;
}

/* Addresses for blocks that are only counted; start NULL: memory is allocated. */
static struct {
    char *start;
    size_t bytes, used;
} reserved;

static bool is_counted(const char *block)
{
    return reserved.start != NULL && block >= reserved.start && block < reserved.start + reserved.bytes;
}

/* A block at the next addresses, in pages of its own; its size is in the line before it. */
static void *counted_block(size_t bytes)
{
    enum { PAGE = 4096 };
    const size_t room = (bytes + LINE + PAGE - 1) / PAGE * PAGE;
    if (room < bytes || room > reserved.bytes - reserved.used) return NULL;
    char *block = reserved.start + reserved.used + LINE;
    reserved.used += room;
    return block;
}

/* Where the size of a block is kept: before one that is only counted, else in its last bytes, behind those that were
 * asked for; in front it would move the block off the start of a huge page. */
static char *size_place(void *block)
{
    char *start = block;
    return is_counted(start) ? start - LINE : start + malloc_usable_size(block) - sizeof(size_t);
}

static void add_bytes(void *block, size_t bytes)
{
    memcpy(size_place(block), &bytes, sizeof bytes);
    atomic_fetch_add(&live_blocks, 1);
    const int_fast64_t live = atomic_fetch_add(&live_bytes, (int64_t)bytes) + (int64_t)bytes;
    int_fast64_t peak = atomic_load(&peak_bytes);
    while (live > peak && !atomic_compare_exchange_weak(&peak_bytes, &peak, live)) {
    }
}

static void *alloc(struct hg_team *team, int64_t count, size_t size, int byte)
{
    size_t bytes = 0;
    void *block = NULL;
    if (!must_fail() && count >= 0 && !__builtin_mul_overflow((size_t)count, size, &bytes) &&
        bytes <= PTRDIFF_MAX)
        block = reserved.start != NULL ? counted_block(bytes) : filled_block(team, bytes, byte);
    if (block == NULL)
        hg_fail(HG_NOMEM, "out of memory", "cannot allocate %lld elements of %zu bytes", (long long)count,
                size);
    else
        add_bytes(block, bytes);
    return block;
}

void *hg_mem_alloc(int64_t count, size_t size)
{
    return alloc(NULL, count, size, 0);
}

/* The block is written even though its contents do not matter: only a written page has memory behind it. */
void *hg_mem_alloc_unset(int64_t count, size_t size)
{
    return alloc(NULL, count, size, poison ? 0xff : 0);
}

void *hg_mem_alloc_spread(struct hg_team *team, int64_t count, size_t size, bool unset)
{
    return alloc(team, count, size, unset && poison ? 0xff : 0);
}

/* A block whose pages move. */
struct moving {
    char *block;
    size_t bytes;
};

/* The system takes the pages of huge page `part` back and gives new ones to the thread that writes them. The copy is
 * not malloc's, which would keep its memory. */
static void move_page(void *context, hg_lid part, int thread)
{
    const struct moving *m = context;
    const size_t first = (size_t)part * HUGE_PAGE, left = m->bytes - first,
                 bytes = left < HUGE_PAGE ? left : HUGE_PAGE;
    char *copy = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)thread;
    if (copy == MAP_FAILED) return;
    memcpy(copy, m->block + first, bytes);
    if (madvise(m->block + first, bytes, MADV_DONTNEED) == 0) memcpy(m->block + first, copy, bytes);
    munmap(copy, bytes);
}

void hg_mem_spread(struct hg_team *team, void *block, int64_t count, size_t size)
{
    /* of large blocks only, which begin with a page; the page in which one ends may hold others, too */
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (size_t)count * size;
    struct moving moving = {block, bytes - bytes % page};
    if (block == NULL || bytes < 2 * HUGE_PAGE || (uintptr_t)block % HUGE_PAGE != 0) return;
    hg_team_run(team, (hg_lid)((moving.bytes + HUGE_PAGE - 1) / HUGE_PAGE), move_page, &moving);
}

void *hg_mem_resize(void *p, int64_t old_count, int64_t count, size_t size)
{
    void *block = hg_mem_alloc(count, size);
    if (block == NULL) return NULL;
    if (p != NULL) memcpy(block, p, (size_t)hg_min_i64(old_count, count) * size);
    hg_mem_free(p);
    return block;
}

hg_status hg_mem_reserve(void *array, int64_t *capacity, int64_t needed, size_t size)
{
    void *old = NULL;
    if (needed <= *capacity) return HG_OK;
    /* memcpy: `array` points to a pointer of the caller's type, which must not be read as a void pointer */
    memcpy(&old, array, sizeof old);
    const int64_t grown = hg_max_i64(needed, hg_max_i64(2 * *capacity, 64));
    void *block = hg_mem_resize(old, *capacity, grown, size);
    if (block == NULL) return HG_NOMEM;
    memcpy(array, &block, sizeof block);
    *capacity = grown;
    return HG_OK;
}

void hg_mem_free(void *p)
{
    size_t bytes = 0;
    if (p == NULL) return;
    memcpy(&bytes, size_place(p), sizeof bytes);
    atomic_fetch_sub(&live_blocks, 1);
    atomic_fetch_sub(&live_bytes, (int64_t)bytes);
    if (!is_counted(p)) free(p);
}

int64_t hg_mem_bytes(void)
{
    return atomic_load(&live_bytes);
}

int64_t hg_mem_peak(void)
{
    return atomic_load(&peak_bytes);
}

void hg_mem_peak_reset(void)
{
    atomic_store(&peak_bytes, atomic_load(&live_bytes));
}

hg_status hg_mem_count_begin(void)
{
    const size_t most = (size_t)16 << 40, least = (size_t)16 << 30;
    for (reserved.bytes = most; reserved.bytes >= least; reserved.bytes /= 2) {
        void *start = mmap(NULL, reserved.bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (start == MAP_FAILED) continue;
        reserved.start = start;
        reserved.used = 0;
        return HG_OK;
    }
    return hg_fail(HG_FAILED, "addresses", "the system reserves none for counting memory (ulimit -v)");
}

void hg_mem_count_end(void)
{
    munmap(reserved.start, reserved.bytes);
    reserved.start = NULL;
}

bool hg_mem_counting(void)
{
    return reserved.start != NULL;
}

int64_t hg_mem_live(void)
{
    return atomic_load(&live_blocks);
}

int64_t hg_mem_calls(void)
{
    return atomic_load(&total_calls);
}

void hg_mem_fail_at(int64_t k)
{
    fail_at = k < 0 ? -1 : hg_mem_calls() + k;
}

void hg_mem_poison(bool on)
{
    poison = on;
}
