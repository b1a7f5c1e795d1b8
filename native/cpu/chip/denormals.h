// How a thread computes with denormal numbers. In kernels they count as zero. The reason is speed: an optimizer's moments of
// weights that no longer learn decay towards zero and stay denormal, and many chips are slow with denormals (an Adam update takes
// five times as long). In tree sums denormals count as they are, because a sum must have the same bits wherever it is computed.
#pragma once

#include <cstdint>

namespace dawnpour {

/// From now on denormals count as zero on this thread.
void flushDenormals();

/// During its lifetime this thread computes with denormals as they are.
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
