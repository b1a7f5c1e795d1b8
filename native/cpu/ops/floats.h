// Views for kernels that take floats: narrower operands are widened before the kernel, and narrower results narrowed after it.
#pragma once

#include <array>

#include "op.h"

namespace dawnpour {

/// The number of elements that are widened or narrowed at a time: few enough for the first-level cache.
inline constexpr size_t PIECE = 1024;

/// Convert the elements from i on of a view of narrow floats to floats, and back.
inline void widen(const Kernels& kernels, const View& from, size_t i, float* to, size_t count) {
  withNarrow(from, [&](auto type) {
    using T = decltype(type);
    kernels.narrowed<T>().widen(from.at<T>() + i, to, count);
  });
}
inline void narrowTo(const Kernels& kernels, const float* from, const View& to, size_t i, size_t count) {
  withNarrow(to, [&](auto type) {
    using T = decltype(type);
    kernels.narrowed<T>().narrow(from, to.at<T>() + i, count);
  });
}

/// Calls `body(i, inputs, out, count)` for each piece of [begin, end), with the `count` elements from i on. The pointers are to
/// floats: in the operands themselves or, if these are narrower, in copies. An absent `out` is null.
template <size_t inputs, typename Body>
void asFloats(const Kernels& kernels, const std::array<View, inputs>& in, const View& out, size_t begin, size_t end,
              Body body) {
  bool narrow = out && out.narrow();
  for (const View& view : in) narrow = narrow || view.narrow();
  std::array<std::array<float, PIECE>, inputs + 1> copies;
  std::array<const float*, inputs> from;
  const size_t step = narrow ? PIECE : end - begin;
  for (size_t i = begin; i < end; i += step) {
    const size_t count = std::min(step, end - i);
    for (size_t k = 0; k < inputs; ++k) {
      from[k] = in[k].narrow() ? copies[k].data() : in[k].at() + i;
      if (in[k].narrow()) widen(kernels, in[k], i, copies[k].data(), count);
    }
    const bool narrows = out && out.narrow();
    float* const to = narrows ? copies[inputs].data() : out ? out.at() + i : nullptr;
    body(i, from, to, count);
    if (narrows) narrowTo(kernels, to, out, i, count);
  }
}

}  // namespace dawnpour
