#include "ops.h"

#include <cmath>
#include <cstring>

#include "split.h"

namespace dawnpour {

OpPointer gatherOp(const Kernels& kernels, const View& source, const View& rows, float scale, const View& out) {
  return std::make_unique<ForEach>(out.rows, out.columns, [=, &kernels](size_t begin, size_t end) {
    const uint32_t* numbers = rows.at<uint32_t>();
    for (size_t i = begin; i < end; ++i) {
      const size_t start = std::min<size_t>(numbers[i], source.rows - 1) * source.columns;
      float* to = out.at() + i * out.columns;
      if (source.elementBytes == 1) {
        kernels.scaleBytes(source.at<uint8_t>() + start, scale, to, out.columns);
      } else {
        kernels.scale(source.at() + start, scale, to, out.columns);
      }
    }
  });
}

OpPointer activateOp(const Kernels& kernels, Activation activation, const View& input, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.activate(activation, input.at() + begin, out.at() + begin, end - begin);
  });
}

OpPointer activationGradientOp(const Kernels& kernels, Activation activation, const View& at, const View& gradient,
                               const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.activationGradient(activation, at.at() + begin, gradient.at() + begin, out.at() + begin, end - begin);
  });
}

OpPointer lossOp(const Kernels& kernels, Loss loss, const View& input, const View& target, float scale,
                 const View& total, const View& gradient) {
  return std::make_unique<Sum>(
      input.count(),
      [=, &kernels](size_t begin, size_t end) {
        return kernels.loss(loss, input.at() + begin, target.at() + begin, scale,
                            gradient ? gradient.at() + begin : nullptr, end - begin);
      },
      [=](double sum) { *total.at() = static_cast<float>(sum * static_cast<double>(scale)); });
}

OpPointer sumRowsOp(const Kernels& kernels, const View& input, bool accumulate, const View& out) {
  // One cache line of columns at a time, all rows of it: no column is split.
  constexpr size_t strip = 16;
  return std::make_unique<ForEach>((out.columns + strip - 1) / strip, strip * input.rows,
                                   [=, &kernels](size_t begin, size_t end) {
                                     const size_t first = begin * strip, last = std::min(end * strip, out.columns);
                                     kernels.sumRows(input.at() + first, input.rows, input.columns, last - first,
                                                     accumulate, out.at() + first);
                                   });
}

OpPointer updateOp(const Kernels& kernels, const UpdateOperands& o) {
  return std::make_unique<ForEach>(o.parameters.count(), 1, [=, &kernels](size_t begin, size_t end) {
    const float* scalars = o.scalars.at();
    kernels.update({o.rule, o.decay1, o.decay2, o.epsilon, o.weightDecay, scalars[0], scalars[1], scalars[2],
                    o.gradientScale ? *o.gradientScale.at() : 1.0f, o.parameters.at(), o.gradients.at(),
                    {o.state[0] ? o.state[0].at() : nullptr, o.state[1] ? o.state[1].at() : nullptr}},
                   begin, end);
  });
}

OpPointer scaleOp(const Kernels& kernels, const View& input, float factor, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.scale(input.at() + begin, factor, out.at() + begin, end - begin);
  });
}

OpPointer addOp(const Kernels& kernels, const View& a, const View& b, float factor, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.add(a.at() + begin, b.at() + begin, factor, out.at() + begin, end - begin);
  });
}

OpPointer copyOp(const View& input, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=](size_t begin, size_t end) {
    std::memcpy(out.at() + begin, input.at() + begin, (end - begin) * sizeof(float));
  });
}

OpPointer fillOp(const Kernels& kernels, float value, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.fill(value, out.at() + begin, end - begin);
  });
}

OpPointer normOp(const Kernels& kernels, const View& input, const View& out) {
  return std::make_unique<Sum>(
      input.count(),
      [=, &kernels](size_t begin, size_t end) { return kernels.sumSquares(input.at() + begin, end - begin); },
      [=](double sum) { *out.at() = static_cast<float>(std::sqrt(sum)); });
}

OpPointer clipFactorOp(const View& norm, float maximum, const View& out) {
  // A norm of 0 gives infinity, hence 1; a norm of NaN stays NaN.
  return std::make_unique<Single>([=] {
    const float factor = maximum / *norm.at();
    *out.at() = factor > 1.0f ? 1.0f : factor;
  });
}

OpPointer advanceOp(const View& cursor) {
  return std::make_unique<Single>([=] { ++*cursor.at<uint32_t>(); });
}

}  // namespace dawnpour
