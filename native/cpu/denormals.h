// How a thread computes with denormal numbers. Kernels count them as zero: moments of weights that no longer learn decay towards
// zero without end and stay there as denormals, which many chips compute with slowly (an Adam update takes five times as
// long). Sums do not, for their bits are to be the same wherever they are made.
#pragma once

#include <cstdint>

namespace dawnpour {

/// They count as zero from now on, on this thread.
void flushDenormals();

/// As long as it lives this thread computes with them, whatever it does otherwise.
class WithDenormals {
 public:
  WithDenormals();
  ~WithDenormals();
  WithDenormals(const WithDenormals&) = delete;
  WithDenormals& operator=(const WithDenormals&) = delete;

 private:
  uint64_t before_;
};

}  // namespace dawnpour
