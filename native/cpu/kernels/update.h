// The optimizers: one pass over parameters, gradients and state. The formulas are those of src/program/rules.
#pragma once

#include "functions.h"

namespace {

using dawnpour::Rule;
using dawnpour::Update;

/// A decay rate and its complement, each rounded once.
struct Decay {
  Vec keep, rest;
  explicit Decay(double rate) : keep(Vec::all(static_cast<float>(rate))), rest(Vec::all(static_cast<float>(1 - rate))) {}
};

/// Calls `step(p, g, s, d)` over the range. It changes the parameter and the first `states` state slots.
template <int states, bool decayInGradient = true, typename Step>
inline void updateRange(const Update& u, size_t begin, size_t end, Step step) {
  const Vec gradientScale = Vec::all(u.gradientScale), weightDecay = Vec::all(u.weightDecay);
  float* const parameters = u.parameters;
  const float* const gradients = u.gradients;
  float* const first = u.state[0];
  float* const second = u.state[1];
  forVectors(begin, end, [=](size_t i, auto lanes) {
    Vec p = Vec::load(parameters + i, lanes);
    Vec g = gradientScale * Vec::load(gradients + i, lanes);
    if constexpr (decayInGradient) g = fma(weightDecay, p, g);
    Vec s, d;
    if constexpr (states > 0) s = Vec::load(first + i, lanes);
    if constexpr (states > 1) d = Vec::load(second + i, lanes);
    step(p, g, s, d);
    p.store(parameters + i, lanes);
    if constexpr (states > 0) s.store(first + i, lanes);
    if constexpr (states > 1) d.store(second + i, lanes);
  });
}

template <bool decoupled>
inline void updateAdam(const Update& u, size_t begin, size_t end) {
  const Decay beta1(u.decay1), beta2(u.decay2);
  const Vec rate = Vec::all(-u.rate / u.correction1), root2 = Vec::all(1 / u.correction2);
  const Vec epsilon = Vec::all(u.epsilon), shrink = Vec::all(-u.rate * u.weightDecay);
  updateRange<2, !decoupled>(u, begin, end, [=](Vec& p, Vec g, Vec& m, Vec& v) {
    m = fma(beta1.keep, m, beta1.rest * g);
    v = fma(beta2.keep, v, beta2.rest * (g * g));
    if constexpr (decoupled) p = fma(shrink, p, p);
    p = fma(rate, m / (sqrt(v * root2) + epsilon), p);
  });
}

void update(const Update& u, size_t begin, size_t end) {
  const Vec rate = Vec::all(-u.rate), epsilon = Vec::all(u.epsilon);
  const Decay decay(u.decay1);
  switch (u.rule) {
    case Rule::sgd:
      return updateRange<0>(u, begin, end, [=](Vec& p, Vec g, Vec&, Vec&) { p = fma(rate, g, p); });
    case Rule::momentum:
      return updateRange<1>(u, begin, end, [=](Vec& p, Vec g, Vec& v, Vec&) {
        v = fma(decay.keep, v, g);
        p = fma(rate, v, p);
      });
    case Rule::nesterov:
      return updateRange<1>(u, begin, end, [=](Vec& p, Vec g, Vec& v, Vec&) {
        v = fma(decay.keep, v, g);
        p = fma(rate, fma(decay.keep, v, g), p);
      });
    case Rule::adagrad:
      return updateRange<1>(u, begin, end, [=](Vec& p, Vec g, Vec& s, Vec&) {
        s = fma(g, g, s);
        p = fma(rate, g / (sqrt(s) + epsilon), p);
      });
    case Rule::rmsprop:
      return updateRange<1>(u, begin, end, [=](Vec& p, Vec g, Vec& s, Vec&) {
        s = fma(decay.keep, s, decay.rest * (g * g));
        p = fma(rate, g / (sqrt(s) + epsilon), p);
      });
    case Rule::adadelta:
      return updateRange<2>(u, begin, end, [=](Vec& p, Vec g, Vec& s, Vec& d) {
        s = fma(decay.keep, s, decay.rest * (g * g));
        const Vec change = g * sqrt(d + epsilon) / sqrt(s + epsilon);
        d = fma(decay.keep, d, decay.rest * (change * change));
        p = fma(rate, change, p);
      });
    case Rule::adam:
      return updateAdam<false>(u, begin, end);
    case Rule::adamw:
      return updateAdam<true>(u, begin, end);
  }
}

}  // namespace
