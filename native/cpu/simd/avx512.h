// Sixteen floats in an AVX-512 register.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "lanes.h"

namespace {

struct Vec {
  static constexpr int width = 16;
  using Mask = __mmask16;

  __m512 v;

  static Mask lanes(Part part) { return static_cast<Mask>((1u << part.count) - 1); }

  static Vec zero() { return {_mm512_setzero_ps()}; }
  static Vec all(float x) { return {_mm512_set1_ps(x)}; }
  static Vec load(const float* p, Full = {}) { return {_mm512_loadu_ps(p)}; }
  static Vec load(const float* p, Part part) { return {_mm512_maskz_loadu_ps(lanes(part), p)}; }
  static Vec load(const uint8_t* p, Full = {}) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))))};
  }
  static Vec load(const uint8_t* p, Part part) {
    return {_mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(lanes(part), p)))};
  }
  static Vec load(const Half* p, Full = {}) {
    return {_mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)))};
  }
  static Vec load(const Half* p, Part part) { return {_mm512_cvtph_ps(_mm256_maskz_loadu_epi16(lanes(part), p))}; }
  static Vec load(const BFloat* p, Full = {}) { return widened(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
  static Vec load(const BFloat* p, Part part) { return widened(_mm256_maskz_loadu_epi16(lanes(part), p)); }
  static Vec widened(__m256i bfloats) {
    return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bfloats), 16))};
  }
  void store(float* p, Full = {}) const { _mm512_storeu_ps(p, v); }
  void store(float* p, Part part) const { _mm512_mask_storeu_ps(p, lanes(part), v); }

  void store(Half* p, Full = {}) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), halves()); }
  void store(Half* p, Part part) const { _mm256_mask_storeu_epi16(p, lanes(part), halves()); }
  __m256i halves() const { return _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

  void store(BFloat* p, Full = {}) const { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), bfloats()); }
  void store(BFloat* p, Part part) const { _mm256_mask_storeu_epi16(p, lanes(part), bfloats()); }
  /// Rounds as the instruction of AVX-512 BF16 does: to the nearest, of two equally near ones to the even; denormals to zero.
  __m256i bfloats() const {
    const __m512i bits = _mm512_castps_si512(v), upper = _mm512_srli_epi32(bits, 16);
    const __m512i odd = _mm512_and_si512(upper, _mm512_set1_epi32(1));
    __m512i result = _mm512_srli_epi32(
        _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff))), 16);
    const __mmask16 tiny = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));
    result = _mm512_mask_and_epi32(result, tiny, upper, _mm512_set1_epi32(0x8000));
    result = _mm512_mask_or_epi32(result, _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), upper, _mm512_set1_epi32(0x40));
    return _mm512_cvtepi32_epi16(result);
  }

  /// The lanes that take part, and zero in the others.
  Vec keep(Full) const { return *this; }
  Vec keep(Part part) const { return {_mm512_maskz_mov_ps(lanes(part), v)}; }

  friend Vec operator+(Vec a, Vec b) { return {_mm512_add_ps(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {_mm512_sub_ps(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {_mm512_mul_ps(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {_mm512_div_ps(a.v, b.v)}; }
  /// a b + c
  friend Vec fma(Vec a, Vec b, Vec c) { return {_mm512_fmadd_ps(a.v, b.v, c.v)}; }
  friend Vec sqrt(Vec a) { return {_mm512_sqrt_ps(a.v)}; }
  friend Vec round(Vec a) { return {_mm512_roundscale_ps(a.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)}; }
  friend Vec abs(Vec a) { return {_mm512_abs_ps(a.v)}; }
  /// `magnitude` with the sign of `sign`.
  friend Vec withSign(Vec magnitude, Vec sign) {
    const __m512i bit = _mm512_set1_epi32(static_cast<int>(0x80000000u));
    return {_mm512_castsi512_ps(
        _mm512_ternarylogic_epi32(bit, _mm512_castps_si512(sign.v), _mm512_castps_si512(magnitude.v), 0xca))};
  }
  /// Bounds that keep NaN: x86 returns the second operand when either is NaN.
  friend Vec atLeast(Vec x, Vec low) { return {_mm512_max_ps(low.v, x.v)}; }
  friend Vec atMost(Vec x, Vec high) { return {_mm512_min_ps(high.v, x.v)}; }
  friend Mask less(Vec a, Vec b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ); }
  friend Vec select(Mask mask, Vec yes, Vec no) { return {_mm512_mask_blend_ps(mask, no.v, yes.v)}; }
  /// x 2^n for whole n; underflows to zero and overflows to infinity.
  friend Vec timesPowerOfTwo(Vec x, Vec n) { return {_mm512_scalef_ps(x.v, n.v)}; }

  /// One step of a transpose: swaps the lanes of `a` that have bit `distance` set with those of `b` that have not.
  template <int distance>
  static void exchange(Vec& a, Vec& b) {
    const __m512d ad = _mm512_castps_pd(a.v), bd = _mm512_castps_pd(b.v);
    if constexpr (distance == 1) {
      const __m512 low = _mm512_mask_moveldup_ps(a.v, 0xaaaa, b.v);
      b.v = _mm512_mask_movehdup_ps(b.v, 0x5555, a.v);
      a.v = low;
    } else if constexpr (distance == 2) {
      a.v = _mm512_castpd_ps(_mm512_unpacklo_pd(ad, bd));
      b.v = _mm512_castpd_ps(_mm512_unpackhi_pd(ad, bd));
    } else if constexpr (distance == 4) {
      a.v = _mm512_castpd_ps(_mm512_permutex2var_pd(ad, _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), bd));
      b.v = _mm512_castpd_ps(_mm512_permutex2var_pd(ad, _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15), bd));
    } else {
      const __m512 low = _mm512_shuffle_f32x4(a.v, b.v, 0x44);
      b.v = _mm512_shuffle_f32x4(a.v, b.v, 0xee);
      a.v = low;
    }
  }
};

/// A running sum in double precision, one partial sum for each lane.
struct DoubleSum {
  __m512d low = _mm512_setzero_pd(), high = _mm512_setzero_pd();

  void add(Vec x) {
    low = _mm512_add_pd(low, _mm512_cvtps_pd(_mm512_castps512_ps256(x.v)));
    high = _mm512_add_pd(high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(x.v, 1)));
  }
  void lanes(double* out) const {
    _mm512_storeu_pd(out, low);
    _mm512_storeu_pd(out + 8, high);
  }
};

inline void prefetch(const void* p) { _mm_prefetch(reinterpret_cast<const char*>(p), _MM_HINT_T0); }

/// Keeps the compiler from joining a product with a later sum: `x` is rounded, as if it were stored.
inline Vec rounded(Vec x) {
#ifdef __GNUC__
  asm("" : "+v"(x.v));
#endif
  return x;
}

}  // namespace
