// The steps of a map: each applies one function to a block of elements in the first-level cache.
#pragma once

#include <math.h>

#include "functions.h"

namespace {

using dawnpour::MapFunction;
using dawnpour::MapStep;

/// The logarithm of the C library, lane by lane. It need not be fast, as few formulas have a logarithm.
inline Vec log(Vec x) {
  float lanes[Vec::width];
  x.store(lanes);
  for (float& lane : lanes) lane = ::logf(lane);
  return Vec::load(lanes);
}

/// `x` in lanes where `x` is NaN, and `other` in the rest.
inline Vec orNaN(Vec x, Vec other) {
  const Vec infinity = Vec::all(INFINITY);
  return select(less(x, infinity), other, select(less(Vec::zero() - infinity, x), other, x));
}

/// `out` = function(a, b, c). A function ignores the arguments that it does not take.
template <typename Function>
inline void forStep(const MapStep& step, float* const* registers, size_t count, Function function) {
  const float *const a = registers[step.a], *const b = registers[step.b], *const c = registers[step.c];
  float* const to = registers[step.to];
  forVectors(0, count, [=](size_t i, auto lanes) {
    function(Vec::load(a + i, lanes), Vec::load(b + i, lanes), Vec::load(c + i, lanes)).store(to + i, lanes);
  });
}

inline void runStep(const MapStep& step, float* const* registers, size_t count) {
  const Vec zero = Vec::zero(), one = Vec::all(1.0f);
  const auto each = [&](auto function) { forStep(step, registers, count, function); };
  switch (step.function) {
    case MapFunction::add:
      return each([](Vec a, Vec b, Vec) { return a + b; });
    case MapFunction::sub:
      return each([](Vec a, Vec b, Vec) { return a - b; });
    case MapFunction::mul:
      return each([](Vec a, Vec b, Vec) { return a * b; });
    case MapFunction::div:
      return each([](Vec a, Vec b, Vec) { return a / b; });
    case MapFunction::neg:
      return each([=](Vec x, Vec, Vec) { return zero - x; });
    case MapFunction::abs:
      return each([](Vec x, Vec, Vec) { return abs(x); });
    case MapFunction::sqrt:
      return each([](Vec x, Vec, Vec) { return sqrt(x); });
    case MapFunction::exp:
      return each([](Vec x, Vec, Vec) { return exp(x); });
    case MapFunction::log:
      return each([](Vec x, Vec, Vec) { return log(x); });
    case MapFunction::tanh:
      return each([](Vec x, Vec, Vec) { return tanh(x); });
    case MapFunction::sigmoid:
      return each([](Vec x, Vec, Vec) { return sigmoid(x); });
    case MapFunction::max:
      return each([](Vec a, Vec b, Vec) { return orNaN(b, select(less(a, b), b, a)); });
    case MapFunction::min:
      return each([](Vec a, Vec b, Vec) { return orNaN(b, select(less(b, a), b, a)); });
    case MapFunction::less:
      return each([=](Vec a, Vec b, Vec) { return select(less(a, b), one, zero); });
    case MapFunction::where:
      return each([=](Vec condition, Vec yes, Vec no) {
        // A value that is neither below nor above zero is zero or NaN.
        const Vec nearZero = select(less(condition, one), no, yes);
        return select(less(condition, zero), yes, select(less(zero, condition), yes, nearZero));
      });
  }
}

void map(const MapStep* steps, size_t stepCount, float* const* registers, size_t count) {
  for (size_t i = 0; i < stepCount; ++i) runStep(steps[i], registers, count);
}

}  // namespace
