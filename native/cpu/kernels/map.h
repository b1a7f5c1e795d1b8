// The steps of a map: each applies one function to a block of elements in the first-level cache.
#pragma once

#include <math.h>

#include "functions.h"

namespace {

using dawnpour::MapFunction;
using dawnpour::MapStep;
using dawnpour::MapThen;

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

/// `to` = then(function(a, b, c), c, d). A function ignores the arguments that it does not take.
template <typename Function, typename Then>
inline void forVectorsOf(const MapStep& step, float* const* registers, size_t count, Function function, Then then) {
  const float *const a = registers[step.a], *const b = registers[step.b], *const c = registers[step.c], *const d = registers[step.d];
  float* const to = registers[step.to];
  const auto vector = [=](size_t i, auto lanes) {
    const Vec third = Vec::load(c + i, lanes);
    const Vec result = function(Vec::load(a + i, lanes), Vec::load(b + i, lanes), third);
    then(result, third, Vec::load(d + i, lanes)).store(to + i, lanes);
  };
  // Most functions are a single instruction, and the overhead of the loop is as much work. So an iteration handles four vectors.
  constexpr size_t TURN = 4 * Vec::width;
  size_t i = 0;
  for (; i + TURN <= count; i += TURN) {
    for (size_t k = 0; k < TURN; k += Vec::width) vector(i + k, Full{});
  }
  forVectors(i, count, vector);
}

template <typename Function>
inline void forStep(const MapStep& step, float* const* registers, size_t count, Function function) {
  const auto each = [&](auto then) { forVectorsOf(step, registers, count, function, then); };
  switch (step.then) {
    case MapThen::nothing:
      return each([](Vec t, Vec, Vec) { return t; });
    case MapThen::add:
      return each([](Vec t, Vec, Vec d) { return rounded(t) + d; });
    case MapThen::subtract:
      return each([](Vec t, Vec, Vec d) { return rounded(t) - d; });
    case MapThen::subtractFrom:
      return each([](Vec t, Vec, Vec d) { return d - rounded(t); });
    case MapThen::multiply:
      return each([](Vec t, Vec, Vec d) { return rounded(t) * d; });
    case MapThen::choose:
      return each([](Vec t, Vec c, Vec d) { return select(less(Vec::zero(), t), c, d); });
  }
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
