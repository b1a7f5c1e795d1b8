// Four floats in a NEON register (aarch64).
#pragma once

#include <arm_neon.h>

#include <cstdint>
#include <cstring>

#include "lanes.h"

namespace {

struct Vec {
  static constexpr int width = 4;
  using Mask = uint32x4_t;

  float32x4_t v;

  static Vec zero() { return all(0); }
  static Vec all(float x) { return {vdupq_n_f32(x)}; }
  static Vec load(const float* p, Full = {}) { return {vld1q_f32(p)}; }
  static Vec load(const float* p, Part part) {
    float lanes[width] = {};
    std::memcpy(lanes, p, sizeof(float) * static_cast<size_t>(part.count));
    return load(lanes);
  }
  static Vec load(const uint8_t* p, Full = {}) { return load(p, Part{width}); }
  static Vec load(const uint8_t* p, Part part) {
    float lanes[width] = {};
    for (int i = 0; i < part.count; ++i) lanes[i] = p[i];
    return load(lanes);
  }
  static Vec load(const Half* p, Full = {}) {
    return {vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(&p->bits)))};
  }
  static Vec load(const Half* p, Part part) {
    Half halves[width] = {};
    std::memcpy(halves, p, sizeof(Half) * static_cast<size_t>(part.count));
    return load(halves);
  }
  static Vec load(const BFloat* p, Full = {}) { return {vreinterpretq_f32_u32(vshll_n_u16(vld1_u16(&p->bits), 16))}; }
  static Vec load(const BFloat* p, Part part) {
    BFloat bfloats[width] = {};
    std::memcpy(bfloats, p, sizeof(BFloat) * static_cast<size_t>(part.count));
    return load(bfloats);
  }
  void store(float* p, Full = {}) const { vst1q_f32(p, v); }
  void store(float* p, Part part) const {
    float lanes[width];
    store(lanes);
    std::memcpy(p, lanes, sizeof(float) * static_cast<size_t>(part.count));
  }

  void store(Half* p, Full = {}) const { vst1_u16(&p->bits, vreinterpret_u16_f16(vcvt_f16_f32(v))); }
  void store(Half* p, Part part) const {
    Half halves[width];
    store(halves);
    std::memcpy(p, halves, sizeof(Half) * static_cast<size_t>(part.count));
  }

  /// Rounds as the instruction of AVX-512 BF16 does: to the nearest, of two equally near ones to the even; denormals to zero.
  void store(BFloat* p, Full = {}) const {
    const uint32x4_t bits = vreinterpretq_u32_f32(v), odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    uint32x4_t result = vaddq_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff)));
    const uint32x4_t tiny = vceqzq_u32(vandq_u32(bits, vdupq_n_u32(0x7f800000)));
    result = vbslq_u32(tiny, vandq_u32(bits, vdupq_n_u32(0x80000000)), result);
    result = vbslq_u32(vceqq_f32(v, v), result, vorrq_u32(bits, vdupq_n_u32(0x400000)));
    vst1_u16(&p->bits, vshrn_n_u32(result, 16));
  }
  void store(BFloat* p, Part part) const {
    BFloat bfloats[width];
    store(bfloats);
    std::memcpy(p, bfloats, sizeof(BFloat) * static_cast<size_t>(part.count));
  }

  /// The lanes that take part, and zero in the others.
  Vec keep(Full) const { return *this; }
  Vec keep(Part part) const {
    float lanes[width];
    store(lanes);
    return load(lanes, part);
  }

  friend Vec operator+(Vec a, Vec b) { return {vaddq_f32(a.v, b.v)}; }
  friend Vec operator-(Vec a, Vec b) { return {vsubq_f32(a.v, b.v)}; }
  friend Vec operator*(Vec a, Vec b) { return {vmulq_f32(a.v, b.v)}; }
  friend Vec operator/(Vec a, Vec b) { return {vdivq_f32(a.v, b.v)}; }
  /// a b + c
  friend Vec fma(Vec a, Vec b, Vec c) { return {vfmaq_f32(c.v, a.v, b.v)}; }
  friend Vec sqrt(Vec a) { return {vsqrtq_f32(a.v)}; }
  friend Vec round(Vec a) { return {vrndnq_f32(a.v)}; }
  friend Vec abs(Vec a) { return {vabsq_f32(a.v)}; }
  /// `magnitude` with the sign of `sign`.
  friend Vec withSign(Vec magnitude, Vec sign) { return {vbslq_f32(vdupq_n_u32(0x80000000u), sign.v, magnitude.v)}; }
  /// Bounds that keep NaN, as NEON's own do.
  friend Vec atLeast(Vec x, Vec low) { return {vmaxq_f32(x.v, low.v)}; }
  friend Vec atMost(Vec x, Vec high) { return {vminq_f32(x.v, high.v)}; }
  friend Mask less(Vec a, Vec b) { return vcltq_f32(a.v, b.v); }
  friend Vec select(Mask mask, Vec yes, Vec no) { return {vbslq_f32(mask, yes.v, no.v)}; }
  /// x 2^n for whole n. There are two factors, so neither leaves the range of floats.
  friend Vec timesPowerOfTwo(Vec x, Vec n) {
    const int32x4_t whole = vcvtq_s32_f32(n.v), half = vshrq_n_s32(whole, 1);
    return {vmulq_f32(vmulq_f32(x.v, power(half)), power(vsubq_s32(whole, half)))};
  }
  static float32x4_t power(int32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(n, vdupq_n_s32(127)), 23));
  }

  /// One step of a transpose: swaps the lanes of `a` that have bit `distance` set with those of `b` that have not.
  template <int distance>
  static void exchange(Vec& a, Vec& b) {
    if constexpr (distance == 1) {
      const float32x4_t low = vtrn1q_f32(a.v, b.v);
      b.v = vtrn2q_f32(a.v, b.v);
      a.v = low;
    } else {
      const float64x2_t ad = vreinterpretq_f64_f32(a.v), bd = vreinterpretq_f64_f32(b.v);
      a.v = vreinterpretq_f32_f64(vtrn1q_f64(ad, bd));
      b.v = vreinterpretq_f32_f64(vtrn2q_f64(ad, bd));
    }
  }
};

/// A running sum in double precision, one partial sum for each lane.
struct DoubleSum {
  float64x2_t low = vdupq_n_f64(0), high = vdupq_n_f64(0);

  void add(Vec x) {
    low = vaddq_f64(low, vcvt_f64_f32(vget_low_f32(x.v)));
    high = vaddq_f64(high, vcvt_high_f64_f32(x.v));
  }
  void lanes(double* out) const {
    vst1q_f64(out, low);
    vst1q_f64(out + 2, high);
  }
};

inline void prefetch(const void* p) { __builtin_prefetch(p, 1); }

/// Keeps the compiler from joining a product with a later sum: `x` is rounded, as if it were stored.
inline Vec rounded(Vec x) {
#ifdef __GNUC__
  asm("" : "+w"(x.v));
#endif
  return x;
}

}  // namespace
