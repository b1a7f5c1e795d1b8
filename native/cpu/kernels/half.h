// A number in half precision (IEEE 754 binary16) in memory. Arithmetic is in single precision.
#pragma once

#include <cstdint>

namespace dawnpour {

struct Half {
  uint16_t bits;
};

}  // namespace dawnpour
