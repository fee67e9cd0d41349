#include "nn/layer.h"

#include "nn/gat/gat.h"

const struct hg_conv *const hg_convs[HG_CONVS] = {&hg_conv_gat};
