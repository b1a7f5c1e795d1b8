// Eight floats in an AVX register, with fused multiply-add and conversions from and to half precision (F16C).
#pragma once

#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "lanes.h"

namespace {

struct Vec {
  static constexpr int width = 8;
  using Mask = __m256;

  __m256 v;

  static __m256i lanes(Part part) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(part.count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }

  static Vec zero() { return {_mm256_setzero_ps()}; }
  static Vec all(float x) { return {_mm256_set1_ps(x)}; }
  static Vec load(const float* p, Full = {}) { return {_mm256_loadu_ps(p)}; }
  static Vec load(const float* p, Part part) { return {_mm256_maskload_ps(p, lanes(part))}; }
  static Vec load(const uint8_t* p, Full = {}) {
    return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))))};
  }
  static Vec load(const uint8_t* p, Part part) {
    uint8_t bytes[width] = {};
    std::memcpy(bytes, p, static_cast<size_t>(part.count));
    return load(bytes);
  }
  static Vec load(const Half* p, Full = {}) {
    return {_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)))};
  }
  static Vec load(const Half* p, Part part) {
    Half halves[width] = {};
    std::memcpy(halves, p, sizeof(Half) * static_cast<size_t>(part.count));
    return load(halves);
  }
  static Vec load(const BFloat* p, Full = {}) {
    const __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    return {_mm256_castsi256_ps(_mm256_slli_epi32(bits, 16))};
  }
  static Vec load(const BFloat* p, Part part) {
    BFloat bfloats[width] = {};
    std::memcpy(bfloats, p, sizeof(BFloat) * static_cast<size_t>(part.count));
    return load(bfloats);
  }
  void store(float* p, Full = {}) const { _mm256_storeu_ps(p, v); }
  void store(float* p, Part part) const { _mm256_maskstore_ps(p, lanes(part), v); }

  void store(Half* p, Full = {}) const {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
  }
  void store(Half* p, Part part) const {
    Half halves[width];
    store(halves);
    std::memcpy(p, halves, sizeof(Half) * static_cast<size_t>(part.count));
  }

  /// Rounds as the instruction of AVX-512 BF16 does: to the nearest, of two equally near ones to the even; denormals to zero.
  void store(BFloat* p, Full = {}) const {
    const __m256i bits = _mm256_castps_si256(v), upper = _mm256_srli_epi32(bits, 16);
    const __m256i odd = _mm256_and_si256(upper, _mm256_set1_epi32(1));
    __m256i result =
        _mm256_srli_epi32(_mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff))), 16);
    const __m256i tiny =
        _mm256_cmpeq_epi32(_mm256_and_si256(bits, _mm256_set1_epi32(0x7f800000)), _mm256_setzero_si256());
    result = _mm256_blendv_epi8(result, _mm256_and_si256(upper, _mm256_set1_epi32(0x8000)), tiny);
    const __m256i nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    result = _mm256_blendv_epi8(result, _mm256_or_si256(upper, _mm256_set1_epi32(0x40)), nan);
    const __m128i low = _mm256_castsi256_si128(result), high = _mm256_extracti128_si256(result, 1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_packus_epi32(low, high));
  }
  void store(BFloat* p, Part part) const {
    BFloat bfloats[width];
    store(bfloats);
    std::memcpy(p, bfloats, sizeof(BFloat) * static_cast<size_t>(part.count));
  }

  /// The lanes that take part, and zero in the others.
  Vec keep(Full) const { return *this; }
  Vec keep(Part part) const { return {_mm256_and_ps(v, _mm256_castsi256_ps(lanes(part)))}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm256_add_ps(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm256_sub_ps(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm256_mul_ps(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm256_div_ps(a.v, b.v)}; }
  /// a b + c
  friend Vec fma(Vec a, Vec b, Vec c) { return {_mm256_fmadd_ps(a.v, b.v, c.v)}; }
  friend Vec sqrt(Vec a) { return {_mm256_sqrt_ps(a.v)}; }
  friend Vec round(Vec a) { return {_mm256_round_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  friend Vec abs(Vec a) { return {_mm256_andnot_ps(_mm256_set1_ps(-0.0f), a.v)}; }
  /// `magnitude` with the sign of `sign`.
  friend Vec withSign(Vec magnitude, Vec sign) {
    return {_mm256_or_ps(abs(magnitude).v, _mm256_and_ps(_mm256_set1_ps(-0.0f), sign.v))};
  }
  /// Bounds that keep NaN: x86 returns the second operand when either is NaN.
  friend Vec atLeast(Vec x, Vec low) { return {_mm256_max_ps(low.v, x.v)}; }
  friend Vec atMost(Vec x, Vec high) { return {_mm256_min_ps(high.v, x.v)}; }
  friend Mask less(Vec a, Vec b) { return _mm256_cmp_ps(a.v, b.v, _CMP_LT_OQ); }
  friend Vec select(Mask mask, Vec yes, Vec no) { return {_mm256_blendv_ps(no.v, yes.v, mask)}; }
  /// x 2^n for whole n. There are two factors, so neither leaves the range of floats.
  friend Vec timesPowerOfTwo(Vec x, Vec n) {
    const __m256i whole = _mm256_cvtps_epi32(n.v), half = _mm256_srai_epi32(whole, 1);
    return {_mm256_mul_ps(_mm256_mul_ps(x.v, power(half)), power(_mm256_sub_epi32(whole, half)))};
  }
  static __m256 power(__m256i n) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(n, _mm256_set1_epi32(127)), 23));
  }

  /// One step of a transpose: swaps the lanes of `a` that have bit `distance` set with those of `b` that have not.
  template <int distance>
  static void exchange(Vec& a, Vec& b) {
    const __m256 low = a.v, high = b.v;
    if constexpr (distance == 1) {
      a.v = _mm256_blend_ps(low, _mm256_moveldup_ps(high), 0xaa);
      b.v = _mm256_blend_ps(_mm256_movehdup_ps(low), high, 0xaa);
    } else if constexpr (distance == 2) {
      a.v = _mm256_shuffle_ps(low, high, 0x44);
      b.v = _mm256_shuffle_ps(low, high, 0xee);
    } else {
      a.v = _mm256_permute2f128_ps(low, high, 0x20);
      b.v = _mm256_permute2f128_ps(low, high, 0x31);
    }
  }
};

/// A running sum in double precision, one partial sum for each lane.
struct DoubleSum {
  __m256d low = _mm256_setzero_pd(), high = _mm256_setzero_pd();

  void add(Vec x) {
    low = _mm256_add_pd(low, _mm256_cvtps_pd(_mm256_castps256_ps128(x.v)));
    high = _mm256_add_pd(high, _mm256_cvtps_pd(_mm256_extractf128_ps(x.v, 1)));
  }
  void lanes(double* out) const {
    _mm256_storeu_pd(out, low);
    _mm256_storeu_pd(out + 4, high);
  }
};

inline void prefetch(const void* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }

/// Keeps the compiler from joining a product with a later sum: `x` is rounded, as if it were stored.
inline Vec rounded(Vec x) {
#ifdef __GNUC__
  asm("" : "+x"(x.v));
#endif
  return x;
}

}  // namespace
