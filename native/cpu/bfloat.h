// A bfloat16 as it lies in memory: the upper half of a float, so 8 significant bits and the range of floats. Arithmetic is
// done in single precision, or by units that multiply pairs of them: see dot.h.
#pragma once

#include <cstdint>

namespace dawnpour {

struct BFloat {
  uint16_t bits;
};

}  // namespace dawnpour
