#include "io/checkpoint.h"

#include <nettle/sha2.h>
#include <stdio.h>

void hg_tensors_sha256(const struct hg_tensor *tensors, int count, char hex[65])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    for (int k = 0; k < count; k++)
        sha256_update(&context, (size_t)hg_tensor_elements(&tensors[k]) * sizeof(hg_real),
                      (const uint8_t *)tensors[k].data);
    sha256_digest(&context, sizeof digest, digest);
    for (size_t k = 0; k < sizeof digest; k++) snprintf(hex + 2 * k, 3, "%02x", digest[k]);
}
