#include "base/requests.h"

#include <stdatomic.h>
#include <stddef.h>

static atomic_uint pending;
static const char *_Atomic reason;
static atomic_int attended;
static _Atomic int64_t newest;

void hg_request(enum hg_request what, const char *why)
{
    const char *none = NULL;
    /* before the request, so that whoever sees the request sees its reason */
    if (what != HG_REQUEST_CHECKPOINT) atomic_compare_exchange_strong(&reason, &none, why);
    atomic_fetch_or(&pending, (unsigned)what);
}

unsigned hg_requests(void)
{
    return atomic_load(&pending);
}

const char *hg_requests_why(void)
{
    const char *why = atomic_load(&reason);
    return why != NULL ? why : "";
}

void hg_requests_take(unsigned which)
{
    const unsigned before = atomic_fetch_and(&pending, ~which);
    const unsigned why = ~(unsigned)HG_REQUEST_CHECKPOINT; /* those that have a reason */
    if ((before & which & why) != 0 && (before & ~which & why) == 0) atomic_store(&reason, NULL);
}

void hg_requests_attend(enum hg_attention attention, int64_t kept)
{
    atomic_store(&newest, kept);
    atomic_store(&attended, (int)attention);
}

enum hg_attention hg_requests_attention(int64_t *kept)
{
    *kept = atomic_load(&newest);
    return (enum hg_attention)atomic_load(&attended);
}
