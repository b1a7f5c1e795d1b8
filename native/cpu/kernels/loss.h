// Losses and their gradients, in one pass. The gradient may overwrite the input, because each vector is read before it is
// written.
#pragma once

#include "reduce.h"

namespace {

using dawnpour::Loss;

/// Sums `value` over the range and writes `scale * slope`; `term(x, t, value, slope)` computes both for one vector.
template <typename Term>
inline double sumLoss(const float* input, const float* target, float scale, float* gradient, size_t count, Term term) {
  DoubleSum sum;
  const Vec factor = Vec::all(scale);
  forVectors(0, count, [&](size_t i, auto lanes) {
    Vec value, slope;
    term(Vec::load(input + i, lanes), Vec::load(target + i, lanes), value, slope);
    sum.add(value.keep(lanes));
    if (gradient) (slope * factor).store(gradient + i, lanes);
  });
  return total(sum);
}

double loss(Loss kind, const float* input, const float* target, float scale, float* gradient, size_t count) {
  if (kind == Loss::mse) {
    return sumLoss(input, target, scale, gradient, count, [](Vec x, Vec t, Vec& value, Vec& slope) {
      const Vec difference = x - t;
      value = difference * difference;
      slope = difference + difference;
    });
  }
  return sumLoss(input, target, scale, gradient, count, [](Vec z, Vec t, Vec& value, Vec& slope) {
    // e = exp(-|z|) gives both log(1 + e) and q = e / (1 + e). q is the sigmoid for z < 0, and one minus the sigmoid for z >= 0.
    // For z >= 0 the slope is (1 - t) - q, which keeps its digits where the sigmoid is close to a target of one.
    const Vec one = Vec::all(1.0f), zero = Vec::zero();
    const Vec e = exp(zero - abs(z));
    value = fma(zero - z, t, atLeast(z, zero)) + log1p(e);
    const Vec q = e / (one + e);
    slope = select(less(z, zero), q - t, (one - t) - q);
  });
}

}  // namespace
