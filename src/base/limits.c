#include "base/limits.h"

#ifdef HG_LIMITS_SMALL
enum { MESSAGE_BYTES = 200, RANK_ITEMS = 40000 };
#else
enum { MESSAGE_BYTES = 1 << 30, RANK_ITEMS = HG_LID_MAX };
#endif

_Static_assert((int64_t)RANK_ITEMS <= (int64_t)HG_LID_MAX, "local numbers are hg_lid");

const int64_t hg_message_bytes = MESSAGE_BYTES;
const int64_t hg_rank_items = RANK_ITEMS;

hg_status hg_limit_check(const char *what, const char *items, int64_t count)
{
    if (count <= hg_rank_items) return HG_OK;
    return hg_fail(HG_FAILED, what, "%lld %s on one rank, but at most %lld are possible: use more ranks",
                   (long long)count, items, (long long)hg_rank_items);
}

hg_status hg_limit_check_share(const char *what, const char *items, int64_t count, int ranks)
{
    return hg_limit_check(what, items, count / ranks + (count % ranks > 0));
}
