/** The graph attention layer; kernels/attention.h has the equations of attention.
 *
 *      Z = drop(X) W;  p = <a_src, Z>, q = <a_dst, Z>;  O = attention(Z, p, q)
 *      Y = act( concat_h O or mean_h O  + drop(X) W_res + bias )
 *
 *  Parameters, as PyTorch Geometric's GATConv: att_src, att_dst [1, K, F], (att_edge [1, K, F]), bias [out],
 *  lin.weight [K F, in], (lin_edge.weight [K F, Fe]), (res.weight [out, in]). */
#ifndef HG_NN_GAT_H
#define HG_NN_GAT_H

#include "nn/layer.h"

#endif
