// A bfloat16 in memory: the upper half of a float, with 8 significant bits and the range of floats. Arithmetic is in single
// precision, or by units that multiply pairs of bfloat16 (dot.h).
#pragma once

#include <cstdint>

namespace dawnpour {

struct BFloat {
  uint16_t bits;
};

}  // namespace dawnpour
