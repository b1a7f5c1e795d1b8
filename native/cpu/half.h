// A number in half precision (IEEE 754 binary16), as it lies in memory. Arithmetic is done in single precision.
#pragma once

#include <cstdint>

namespace dawnpour {

struct Half {
  uint16_t bits;
};

}  // namespace dawnpour
