// The loss and its gradient, in one pass.
#include "floats.h"
#include "ops.h"
#include "split.h"

namespace dawnpour {

OpPointer lossOp(const Kernels& kernels, Loss loss, const View& input, const View& target, float scale,
                 const View& total, const View& gradient, const View& gradientScale) {
  return std::make_unique<Sum>(
      input.count(),
      [=, &kernels](size_t begin, size_t end) {
        const float factor = gradientScale ? scale * *gradientScale.at() : scale;
        double sum = 0;
        asFloats<2>(kernels, {input, target}, gradient, begin, end,
                    [&](size_t, const auto& in, float* to, size_t count) {
                      sum += kernels.loss(loss, in[0], in[1], factor, to, count);
                    });
        return sum;
      },
      [=](double sum) { *total.at() = static_cast<float>(sum * static_cast<double>(scale)); });
}

}  // namespace dawnpour
