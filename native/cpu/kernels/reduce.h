// Sums. Every sum is in double precision, with a partial sum for each lane. The lanes are added in order, so the result depends
// only on the range.
#pragma once

#include "functions.h"

namespace {

double total(const DoubleSum& sum) {
  double lanes[Vec::width];
  sum.lanes(lanes);
  double result = 0;
  for (double lane : lanes) result += lane;
  return result;
}

double sumSquares(const float* input, size_t count) {
  // There are two chains of additions. A single chain would wait for the result of each addition.
  DoubleSum even, odd;
  size_t i = 0;
  for (; i + 2 * Vec::width <= count; i += 2 * Vec::width) {
    const Vec x = Vec::load(input + i), y = Vec::load(input + i + Vec::width);
    even.add(x * x);
    odd.add(y * y);
  }
  forVectors(i, count, [&](size_t at, auto lanes) {
    const Vec x = Vec::load(input + at, lanes);
    even.add(x * x);
  });
  return total(even) + total(odd);
}

double sum(const float* input, size_t count) {
  DoubleSum sum;
  forVectors(0, count, [&](size_t i, auto lanes) { sum.add(Vec::load(input + i, lanes)); });
  return total(sum);
}

double sumExponentials(const float* input, float shift, size_t count) {
  DoubleSum sum;
  const Vec most = Vec::all(shift);
  forVectors(0, count, [&](size_t i, auto lanes) { sum.add(exp(Vec::load(input + i, lanes) - most).keep(lanes)); });
  return total(sum);
}

float largest(const float* input, size_t count) {
  float result = input[0];
  Vec most = Vec::all(result);
  size_t i = 0;
  for (; i + Vec::width <= count; i += Vec::width) most = atLeast(most, Vec::load(input + i));
  float lanes[Vec::width];
  most.store(lanes);
  for (float lane : lanes) result = result < lane ? lane : result;
  for (; i < count; ++i) result = result < input[i] ? input[i] : result;
  return result;
}

template <typename T>
void sumRows(const T* input, size_t rows, size_t stride, size_t columns, bool accumulate, float* out) {
  forVectors(0, columns, [=](size_t j, auto lanes) {
    DoubleSum sum;
    if (accumulate) sum.add(Vec::load(out + j, lanes));
    for (size_t row = 0; row < rows; ++row) sum.add(Vec::load(input + row * stride + j, lanes));
    double sums[Vec::width];
    sum.lanes(sums);
    float rounded[Vec::width];
    for (int lane = 0; lane < Vec::width; ++lane) rounded[lane] = static_cast<float>(sums[lane]);
    Vec::load(rounded).store(out + j, lanes);
  });
}

}  // namespace
