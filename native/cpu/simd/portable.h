// Four floats in an array: plain C++ for any chip. Compilers turn its loops into the vector instructions of the chip.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "lanes.h"

namespace {

inline float floatOf(uint32_t bits) {
  float result;
  std::memcpy(&result, &bits, sizeof result);
  return result;
}

inline float widened(Half half) {
  const uint32_t sign = (half.bits & 0x8000u) << 16, size = half.bits & 0x7fffu;
  // Below 2^-14 halves are multiples of 2^-24. For other numbers the exponent of a half is 112 less than that of the same float.
  // For infinity and NaN, which have the largest exponent, it is another 112 less.
  if (size < 0x400u) return std::copysign(static_cast<float>(size) * 0x1p-24f, floatOf(sign));
  const uint32_t exponent = size < 0x7c00u ? 112u << 23 : 224u << 23;
  return floatOf(sign | ((size << 13) + exponent));
}

/// Rounds to the nearest, of two equally near ones to the even. From 65520 on it rounds to infinity.
inline Half narrowed(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const uint32_t sign = (bits & 0x80000000u) >> 16, size = bits & 0x7fffffffu;
  uint32_t result;
  if (size > 0x7f800000u) {
    result = 0x7e00u;
  } else if (size >= 0x477ff000u) {
    result = 0x7c00u;
  } else if (size < 0x38800000u) {
    result = static_cast<uint32_t>(::nearbyintf(floatOf(size) * 0x1p24f));
  } else {
    result = (size - (112u << 23) + 0xfffu + ((size >> 13) & 1u)) >> 13;
  }
  return {static_cast<uint16_t>(sign | result)};
}

inline float widened(BFloat bfloat) { return floatOf(static_cast<uint32_t>(bfloat.bits) << 16); }

/// Rounds as the instruction of AVX-512 BF16 does: to the nearest, of two equally near ones to the even; denormals to zero.
inline BFloat bfloatOf(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  const uint32_t upper = bits >> 16, size = bits & 0x7fffffffu;
  uint32_t result = (bits + 0x7fffu + (upper & 1u)) >> 16;
  if (size < 0x00800000u) result = upper & 0x8000u;
  if (size > 0x7f800000u) result = upper | 0x40u;
  return {static_cast<uint16_t>(result)};
}

struct Vec {
  static constexpr int width = 4;
  struct Mask {
    bool v[width];
  };

#ifdef __GNUC__
  // The same array as one value of gcc's and clang's vector type, so they keep it in a register.
  using Lanes __attribute__((vector_size(width * sizeof(float)))) = float;
#else
  using Lanes = float[width];
#endif

  Lanes v;

  template <typename Function>
  static Vec each(Function lane) {
    Vec result;
    for (int i = 0; i < width; ++i) result.v[i] = lane(i);
    return result;
  }

  static Vec zero() { return all(0); }
  static Vec all(float x) {
    return each([=](int) { return x; });
  }
  static Vec load(const float* p, Full = {}) {
    Vec result;
    std::memcpy(&result.v, p, sizeof result.v);
    return result;
  }
  static Vec load(const float* p, Part part) {
    return each([=](int i) { return i < part.count ? p[i] : 0.0f; });
  }
  static Vec load(const uint8_t* p, Full = {}) { return load(p, Part{width}); }
  static Vec load(const uint8_t* p, Part part) {
    return each([=](int i) { return i < part.count ? static_cast<float>(p[i]) : 0.0f; });
  }
  static Vec load(const Half* p, Full = {}) { return load(p, Part{width}); }
  static Vec load(const Half* p, Part part) {
    return each([=](int i) { return i < part.count ? widened(p[i]) : 0.0f; });
  }
  static Vec load(const BFloat* p, Full = {}) { return load(p, Part{width}); }
  static Vec load(const BFloat* p, Part part) {
    return each([=](int i) { return i < part.count ? widened(p[i]) : 0.0f; });
  }
  void store(float* p, Full = {}) const { std::memcpy(p, &v, sizeof v); }
  void store(float* p, Part part) const { std::memcpy(p, &v, sizeof(float) * static_cast<size_t>(part.count)); }

  void store(Half* p, Full = {}) const { store(p, Part{width}); }
  void store(Half* p, Part part) const {
    for (int i = 0; i < part.count; ++i) p[i] = narrowed(v[i]);
  }

  void store(BFloat* p, Full = {}) const { store(p, Part{width}); }
  void store(BFloat* p, Part part) const {
    for (int i = 0; i < part.count; ++i) p[i] = bfloatOf(v[i]);
  }

  /// The lanes that take part, and zero in the others.
  Vec keep(Full) const { return *this; }
  Vec keep(Part part) const {
    return each([=, this](int i) { return i < part.count ? v[i] : 0.0f; });
  }

  friend Vec operator+(Vec a, Vec b) {
    return each([=](int i) { return a.v[i] + b.v[i]; });
  }
  friend Vec operator-(Vec a, Vec b) {
    return each([=](int i) { return a.v[i] - b.v[i]; });
  }
  friend Vec operator*(Vec a, Vec b) {
    return each([=](int i) { return a.v[i] * b.v[i]; });
  }
  friend Vec operator/(Vec a, Vec b) {
    return each([=](int i) { return a.v[i] / b.v[i]; });
  }
  /// a b + c, rounded twice. With one rounding it would be a call to a library on chips without the instruction.
  friend Vec fma(Vec a, Vec b, Vec c) {
    return each([=](int i) { return a.v[i] * b.v[i] + c.v[i]; });
  }
  friend Vec sqrt(Vec a) {
    return each([=](int i) { return ::sqrtf(a.v[i]); });
  }
  friend Vec round(Vec a) {
    return each([=](int i) { return ::nearbyintf(a.v[i]); });
  }
  friend Vec abs(Vec a) {
    return each([=](int i) { return ::fabsf(a.v[i]); });
  }
  /// `magnitude` with the sign of `sign`.
  friend Vec withSign(Vec magnitude, Vec sign) {
    return each([=](int i) { return ::copysignf(magnitude.v[i], sign.v[i]); });
  }
  /// Bounds that keep NaN.
  friend Vec atLeast(Vec x, Vec low) {
    return each([=](int i) { return x.v[i] < low.v[i] ? low.v[i] : x.v[i]; });
  }
  friend Vec atMost(Vec x, Vec high) {
    return each([=](int i) { return high.v[i] < x.v[i] ? high.v[i] : x.v[i]; });
  }
  friend Mask less(Vec a, Vec b) {
    Mask mask;
    for (int i = 0; i < width; ++i) mask.v[i] = a.v[i] < b.v[i];
    return mask;
  }
  friend Vec select(Mask mask, Vec yes, Vec no) {
    return each([=](int i) { return mask.v[i] ? yes.v[i] : no.v[i]; });
  }
  /// x 2^n for whole n. There are two factors, so neither leaves the range of floats.
  friend Vec timesPowerOfTwo(Vec x, Vec n) {
    return each([=](int i) {
      const int whole = n.v[i] == n.v[i] ? static_cast<int>(n.v[i]) : 0, half = whole >> 1;
      return x.v[i] * power(half) * power(whole - half);
    });
  }
  static float power(int n) { return floatOf(static_cast<uint32_t>(n + 127) << 23); }

  /// One step of a transpose: swaps the lanes of `a` that have bit `distance` set with those of `b` that have not.
  template <int distance>
  static void exchange(Vec& a, Vec& b) {
    const Vec low = a, high = b;
    a = each([=](int i) { return i & distance ? high.v[i - distance] : low.v[i]; });
    b = each([=](int i) { return i & distance ? high.v[i] : low.v[i + distance]; });
  }
};

/// A running sum in double precision, one partial sum for each lane.
struct DoubleSum {
  double sum[Vec::width] = {};

  void add(Vec x) {
    for (int i = 0; i < Vec::width; ++i) sum[i] += static_cast<double>(x.v[i]);
  }
  void lanes(double* out) const { std::memcpy(out, sum, sizeof sum); }
};

inline void prefetch(const void*) {}

/// Keeps the compiler from joining a product with a later sum: `x` is rounded, as if it were stored.
inline Vec rounded(Vec x) {
#ifdef __GNUC__
  asm("" : "+m"(x));
#endif
  return x;
}

}  // namespace
