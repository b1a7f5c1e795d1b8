// Random numbers, each from its own counter.
#include "ops.h"
#include "split.h"

namespace dawnpour {

OpPointer randomOp(const Kernels& kernels, Distribution distribution, const NoiseAt& at, const View& position, const View& out) {
  return std::make_unique<ForEach>(out.rows, 4 * out.columns, [=, &kernels](size_t begin, size_t end) {
    NoiseAt row = at;
    row.step = position.at<uint32_t>()[0];
    for (size_t i = begin; i < end; ++i) {
      row.row = position.at<uint32_t>()[1] + at.row + static_cast<uint32_t>(i);
      kernels.noise(distribution, row, out.at() + i * out.columns, out.columns);
    }
  });
}

}  // namespace dawnpour
