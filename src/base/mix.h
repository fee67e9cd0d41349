/** A hash of 64 bits. */
#ifndef HG_BASE_MIX_H
#define HG_BASE_MIX_H

#include <stdint.h>

/** A bijection whose every output bit depends on every input bit: variant 13 of the finaliser of MurmurHash3, as in
 *  splitmix64 (Steele, Lea, Flood: OOPSLA 2014). */
static inline uint64_t hg_mix64(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

#endif
