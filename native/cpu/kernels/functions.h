// Elementary functions on vectors of floats. The relative error of `exp` is below 1e-7. The other functions avoid the difference
// of two close numbers: `tanh` has a polynomial of its own near zero, and `log1p` uses artanh.
//
// The polynomials are Chebyshev fits made for this file, each on the interval that is named beside it.
#pragma once

#include "kernels.h"

namespace {

/// Calls `body(i, lanes)` for each vector of a range, the last one partial.
template <typename Body>
inline void forVectors(size_t begin, size_t end, Body body) {
  size_t i = begin;
  for (; i + Vec::width <= end; i += Vec::width) body(i, Full{});
  if (i < end) body(i, Part{static_cast<int>(end - i)});
}

/// c[0] + c[1] x + c[2] x^2 + ...
template <int terms>
inline Vec polynomial(Vec x, const float (&c)[terms]) {
  Vec sum = Vec::all(c[terms - 1]);
  for (int i = terms - 2; i >= 0; --i) sum = fma(sum, x, Vec::all(c[i]));
  return sum;
}

/// exp(x) = 2^n exp(r) with |r| <= log(2) / 2. The result is 0 or infinity long before x reaches the bounds.
inline Vec exp(Vec x) {
  x = atMost(atLeast(x, Vec::all(-105.0f)), Vec::all(89.0f));
  const Vec n = round(x * Vec::all(1.44269504f));
  // log(2) is split into two parts. The first is so short that n times it is exact.
  Vec r = fma(n, Vec::all(-0.693359375f), x);
  r = fma(n, Vec::all(2.12194440e-4f), r);
  // (exp(r) - 1 - r) / r^2
  const Vec q = polynomial(r, {0.5f, 0.166665733f, 0.0416664556f, 0.00836377684f, 0.0013934545f});
  return timesPowerOfTwo(fma(q, r * r, r) + Vec::all(1.0f), n);
}

/// log(1 + x) for x in [0, 1] = 2 artanh(s), s = x / (2 + x).
inline Vec log1p(Vec x) {
  const Vec s = x / (x + Vec::all(2.0f));
  // artanh(s) / s over s^2 in [0, 1/9]
  const float c[] = {1.0f, 0.333333403f, 0.199993476f, 0.143103123f, 0.106971338f, 0.122047022f};
  return (s + s) * polynomial(s * s, c);
}

inline Vec sigmoid(Vec x) {
  const Vec one = Vec::all(1.0f);
  return one / (one + exp(Vec::zero() - x));
}

inline Vec tanh(Vec x) {
  const Vec one = Vec::all(1.0f), size = abs(x), square = x * x;
  // (tanh(x) / x - 1) / x^2 over x^2 in [0, 0.625^2]
  const float c[] = {-0.333333284f, 0.133327827f, -0.0538524985f, 0.0210036393f, -0.00610494521f};
  const Vec small = fma(polynomial(square, c) * square, x, x);
  const Vec large = one - Vec::all(2.0f) / (exp(size + size) + one);
  return select(less(size, Vec::all(0.625f)), small, withSign(large, x));
}

/// 2 sqrt(2 / pi), and the cubic term of gelu's argument.
constexpr float GELU_SLOPE = 1.59576912f, GELU_CUBIC = 0.044715f;

/// The gate of gelu: gelu(x) = x gate(x), since (1 + tanh(u)) / 2 = sigmoid(2 u).
inline Vec geluGate(Vec x) {
  return sigmoid(x * fma(x * x, Vec::all(GELU_SLOPE * GELU_CUBIC), Vec::all(GELU_SLOPE)));
}

/// gate + x gate (1 - gate) (2 u)'. The bounds keep x^2 finite; beyond them the gate is exactly 0 or 1.
inline Vec geluSlope(Vec x) {
  x = atMost(atLeast(x, Vec::all(-40.0f)), Vec::all(40.0f));
  const Vec gate = geluGate(x);
  const Vec slope = fma(x * x, Vec::all(3 * GELU_SLOPE * GELU_CUBIC), Vec::all(GELU_SLOPE));
  return fma(x * slope, gate * (Vec::all(1.0f) - gate), gate);
}

}  // namespace
