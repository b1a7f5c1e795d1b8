// What the units compute, bit by bit, in portable C++. It specifies their results, and runs on any machine.
//
// Both units read and write denormals as zeros. Both round to the nearest, and of two equally near numbers to the even one.
#pragma once

#include "dot.h"

namespace dawnpour {

/// TDPBF16PS, for one element of C and 16 pairs. The products of the even positions are one chain of fused multiply-adds that
/// begins at zero, the products of the odd positions are another. The sum of the two chains is added to `c`.
float tileProduct(float c, const BFloat* a, const BFloat* b);

/// VDPBF16PS, for one element: the fused multiply-add of the odd position, then that of the even position.
float pairProduct(float c, const BFloat* a, const BFloat* b);

extern const DotKernels tileModel, pairModel;

}  // namespace dawnpour
