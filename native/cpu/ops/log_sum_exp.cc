// log(sum of exp(x)) of a line, as m + log(sum of exp(x - m)) with the maximum m, which cannot overflow.
#include <array>
#include <cmath>

#include "floats.h"
#include "ops.h"
#include "split.h"

namespace dawnpour {
namespace {

/// `length` elements of `view` from `first` on, `stride` apart.
struct Line {
  const View& view;
  size_t first, stride, length;
};

/// Calls `body(elements, count)` for the line, piece by piece, with pointers to floats.
template <typename Body>
void inPieces(const Kernels& kernels, const Line& line, Body body) {
  if (line.stride == 1 && !line.view.narrow()) return body(line.view.at() + line.first, line.length);
  std::array<float, PIECE> piece;
  for (size_t begin = 0; begin < line.length; begin += PIECE) {
    const size_t count = std::min(PIECE, line.length - begin);
    for (size_t k = 0; k < count; ++k) {
      const size_t at = line.first + (begin + k) * line.stride;
      if (line.view.narrow()) widen(kernels, line.view, at, &piece[k], 1);
      else piece[k] = line.view.at()[at];
    }
    body(piece.data(), count);
  }
}

float logSumExp(const Kernels& kernels, const Line& line) {
  float most = -INFINITY;
  inPieces(kernels, line, [&](const float* x, size_t count) { most = std::max(most, kernels.largest(x, count)); });
  double sum = 0;
  inPieces(kernels, line, [&](const float* x, size_t count) { sum += kernels.sumExponentials(x, most, count); });
  return static_cast<float>(static_cast<double>(most) + std::log(sum));
}

}  // namespace

OpPointer logSumExpOp(const Kernels& kernels, Reduced over, const View& input, const View& out) {
  const size_t columns = input.columns;
  const size_t length = over == Reduced::rows ? input.rows : over == Reduced::columns ? columns : input.count();
  return std::make_unique<ForEach>(out.count(), 4 * length, [=, &kernels](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const Line line = over == Reduced::rows ? Line{input, i, columns, length} : Line{input, i * columns, 1, length};
      out.at()[i] = logSumExp(kernels, line);
    }
  });
}

}  // namespace dawnpour
