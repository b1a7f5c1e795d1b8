// The update of the parameters, and the small ops that scale it, stop it or count it.
#include <cmath>

#include "ops.h"
#include "split.h"

namespace dawnpour {

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
