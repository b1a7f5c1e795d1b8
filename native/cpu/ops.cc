#include "ops.h"

#include <cmath>
#include <cstring>

#include "floats.h"
#include "split.h"

namespace dawnpour {

OpPointer gatherOp(const Kernels& kernels, const View& source, const View& rows, float scale, const View& out) {
  return std::make_unique<ForEach>(out.rows, out.columns, [=, &kernels](size_t begin, size_t end) {
    const uint32_t* numbers = rows.at<uint32_t>();
    for (size_t i = begin; i < end; ++i) {
      const size_t start = std::min<size_t>(numbers[i], source.rows - 1) * source.columns, first = i * out.columns;
      const auto scaled = [&](size_t at, const auto&, float* to, size_t count) {
        if (source.type == Type::u8) {
          kernels.scaleBytes(source.at<uint8_t>() + start + at - first, scale, to, count);
        } else {
          kernels.scale(source.at() + start + at - first, scale, to, count);
        }
      };
      asFloats<0>(kernels, {}, out, first, first + out.columns, scaled);
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
    asFloats<2>(kernels, {at, gradient}, out, begin, end, [&](size_t, const auto& in, float* to, size_t count) {
      kernels.activationGradient(activation, in[0], in[1], to, count);
    });
  });
}

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

OpPointer updateOp(const Kernels& kernels, const UpdateOperands& o) {
  return std::make_unique<ForEach>(o.parameters.count(), 1, [=, &kernels](size_t begin, size_t end) {
    // A factor of 0 means that the step is left out.
    for (const View& factor : {o.gradientScale, o.gate}) {
      if (factor && *factor.at() == 0.0f) return;
    }
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

namespace {

/// Converts whole numbers to floats.
void copyWhole(const Kernels& kernels, const View& input, const View& out, size_t begin, size_t end) {
  asFloats<0>(kernels, {}, out, begin, end, [&](size_t i, const auto&, float* to, size_t count) {
    if (input.type == Type::u8) return kernels.scaleBytes(input.at<uint8_t>() + i, 1, to, count);
    for (size_t k = 0; k < count; ++k) to[k] = static_cast<float>(input.at<uint32_t>()[i + k]);
  });
}

}  // namespace

OpPointer copyOp(const Kernels& kernels, const View& input, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    if (input.type == Type::u8 || input.type == Type::u32) {
      copyWhole(kernels, input, out, begin, end);
    } else if (input.type == out.type) {
      const size_t size = bytesOf(input.type);
      std::memcpy(out.at<std::byte>() + begin * size, input.at<std::byte>() + begin * size, (end - begin) * size);
    } else if (!out.narrow()) {
      widen(kernels, input, begin, out.at() + begin, end - begin);
    } else if (!input.narrow()) {
      narrowTo(kernels, input.at() + begin, out, begin, end - begin);
    } else {
      asFloats<1>(kernels, {input}, out, begin, end, [&](size_t, const auto& in, float* to, size_t count) {
        std::memcpy(to, in[0], count * sizeof(float));
      });
    }
  });
}

OpPointer fillOp(const Kernels& kernels, float value, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.fill(value, out.at() + begin, end - begin);
  });
}

OpPointer clipFactorOp(const View& norm, float maximum, const View& out) {
  // A norm of 0 gives infinity, hence 1; a norm of NaN stays NaN.
  return std::make_unique<Single>([=] {
    const float factor = maximum / *norm.at();
    *out.at() = factor > 1.0f ? 1.0f : factor;
  });
}

OpPointer lossScaleOp(const View& norm, const View& state, float maximum, float interval, const View& out) {
  return std::make_unique<Single>([=] {
    float &scale = state.at()[0], &steps = state.at()[1];
    const float length = *norm.at();
    if (!std::isfinite(length)) {
      *out.at() = 0;
      scale = std::max(LEAST_LOSS_SCALE, scale / 2);
      steps = 0;
      return;
    }
    const bool clips = maximum > 0 && length > maximum * scale;
    *out.at() = clips ? maximum / length : 1 / scale;
    if (++steps < interval) return;
    scale = std::min(GREATEST_LOSS_SCALE, 2 * scale);
    steps = 0;
  });
}

OpPointer guardOp(const View& norm, const View& loss, const View& state, const View& out) {
  return std::make_unique<Single>([=] {
    float &open = state.at()[0], &steps = state.at()[1];
    if (!std::isfinite(*norm.at()) || !std::isfinite(*loss.at())) open = 0;
    *out.at() = open;
    steps += open;
  });
}

OpPointer advanceOp(const View& cursor) {
  return std::make_unique<Single>([=] { ++*cursor.at<uint32_t>(); });
}

}  // namespace dawnpour
