#include "nn/conv.h"

#include <string.h>

#define CONV(name) &hg_conv_##name,
static const struct hg_conv *const convs[] = {HG_CONV_LIST(CONV)};

#define NAME(name) #name,
const char *const hg_conv_name[HG_CONVS] = {HG_CONV_LIST(NAME)};

const struct hg_conv *hg_conv_find(const char *name)
{
    for (size_t k = 0; k < sizeof convs / sizeof *convs; k++)
        if (strcmp(convs[k]->name, name) == 0) return convs[k];
    return NULL;
}
