// What the units compute, bit by bit, in portable C++: the specification of a result, for any machine.
//
// Both take denormals as zeros, write zeros for them, and round to the nearest, of two equally near ones to the even.
#pragma once

#include "../dot.h"

namespace dawnpour {

/// TDPBF16PS, for one element of C. Of 16 pairs, the products of the even positions are one chain of fused multiply-adds from
/// zero, those of the odd positions another; their sum is added to `c`.
float tileProduct(float c, const BFloat* a, const BFloat* b);

/// VDPBF16PS, for one element: the fused multiply-add of the odd position, then that of the even one.
float pairProduct(float c, const BFloat* a, const BFloat* b);

extern const DotKernels tileModel, pairModel;

}  // namespace dawnpour
