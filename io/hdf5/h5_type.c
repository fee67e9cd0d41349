#include "io/hdf5/h5_private.h"

hid_t hg_h5_native(enum hg_h5_type type)
{
    switch (type) {
    case HG_H5_INT64:
        return H5T_NATIVE_INT64;
    case HG_H5_INT32:
        return H5T_NATIVE_INT32;
    case HG_H5_UINT8:
    case HG_H5_TRUTH:
        return H5T_NATIVE_UINT8;
    case HG_H5_REAL:
        return sizeof(hg_real) == sizeof(double) ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
    default:
        return H5T_NATIVE_DOUBLE;
    }
}

size_t hg_h5_bytes(enum hg_h5_type type)
{
    return H5Tget_size(hg_h5_native(type));
}
