#include "io/checkpoint.h"

#include "io/sha256.h"

void hg_tensors_sha256(const struct hg_tensor *tensors, int count, char hex[65])
{
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    for (int k = 0; k < count; k++)
        sha256_update(&context, (size_t)hg_tensor_elements(&tensors[k]) * sizeof(hg_real),
                      (const uint8_t *)tensors[k].data);
    sha256_digest(&context, sizeof digest, digest);
    hg_sha256_print(digest, hex);
}
