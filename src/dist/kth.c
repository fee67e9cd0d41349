#include "dist/kth.h"

#include "base/mem.h"
#include <string.h>

enum { DIGIT_BITS = 16, BINS = 1 << DIGIT_BITS };

/* bins[d] = number of values whose leading digits are `prefix` and whose next 16-bit digit, at `shift`, is d. */
static void count_digits(const uint64_t *values, int64_t count, int shift, uint64_t prefix, int64_t *bins)
{
    memset(bins, 0, BINS * sizeof *bins);
    for (int64_t v = 0; v < count; v++) {
        const uint64_t digits = values[v] >> shift;
        if (digits >> DIGIT_BITS == prefix) bins[digits & (BINS - 1)]++;
    }
}

hg_status hg_select_smallest(const struct hg_comm *comm, const uint64_t *values, int64_t count, int64_t k,
                             uint64_t *threshold)
{
    int64_t *bins = NULL;
    const hg_status status = hg_agree(comm, HG_NEW(bins, BINS));
    *threshold = 0;
    for (int shift = 64 - DIGIT_BITS; status == HG_OK && shift >= 0; shift -= DIGIT_BITS) {
        uint64_t bin = 0;
        count_digits(values, count, shift, *threshold, bins);
        hg_comm_sum_i64(comm, bins, BINS);
        while (bin < BINS - 1 && k > bins[bin]) k -= bins[bin++];
        *threshold = *threshold << DIGIT_BITS | bin;
    }
    hg_mem_free(bins);
    return status;
}
