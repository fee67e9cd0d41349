/** SHA-256 as text. */
#ifndef HG_IO_SHA256_H
#define HG_IO_SHA256_H

#include <nettle/sha2.h>
#include <stdio.h>

enum { HG_SHA256_TEXT = 2 * SHA256_DIGEST_SIZE + 1 };

/** Writes a digest as 64 hexadecimal digits. Local. */
static inline void hg_sha256_print(const uint8_t digest[SHA256_DIGEST_SIZE], char hex[HG_SHA256_TEXT])
{
    for (size_t k = 0; k < SHA256_DIGEST_SIZE; k++) snprintf(hex + 2 * k, 3, "%02x", digest[k]);
}

#endif
