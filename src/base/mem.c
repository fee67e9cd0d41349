#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_int_fast64_t live_blocks, total_calls;
static int64_t fail_at = -1;

static bool must_fail(void)
{
    const int64_t call = atomic_fetch_add(&total_calls, 1);
    return fail_at >= 0 && call >= fail_at;
}

void *hg_mem_alloc(int64_t count, size_t size)
{
    size_t bytes = 0;
    void *block = NULL;
    if (must_fail() || count < 0 || __builtin_mul_overflow((size_t)count, size, &bytes) ||
        posix_memalign(&block, 64, bytes > 0 ? bytes : 1) != 0) {
        hg_fail(HG_NOMEM, "out of memory", "cannot allocate %lld elements of %zu bytes", (long long)count,
                size);
        return NULL;
    }
    memset(block, 0, bytes);
    atomic_fetch_add(&live_blocks, 1);
    return block;
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
    if (p == NULL) return;
    atomic_fetch_sub(&live_blocks, 1);
    free(p);
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
