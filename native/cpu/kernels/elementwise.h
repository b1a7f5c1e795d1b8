// Scale, add, convert, fill: each in one pass over contiguous ranges.
#pragma once

#include "functions.h"

namespace {

void scale(const float* input, float factor, float* out, size_t count) {
  const Vec f = Vec::all(factor);
  forVectors(0, count, [=](size_t i, auto lanes) { (Vec::load(input + i, lanes) * f).store(out + i, lanes); });
}

void scaleBytes(const uint8_t* input, float factor, float* out, size_t count) {
  const Vec f = Vec::all(factor);
  forVectors(0, count, [=](size_t i, auto lanes) { (Vec::load(input + i, lanes) * f).store(out + i, lanes); });
}

void add(const float* a, const float* b, float factor, float* out, size_t count) {
  const Vec f = Vec::all(factor);
  forVectors(0, count, [=](size_t i, auto lanes) {
    fma(f, Vec::load(b + i, lanes), Vec::load(a + i, lanes)).store(out + i, lanes);
  });
}

template <typename From, typename To>
void convert(const From* input, To* out, size_t count) {
  forVectors(0, count, [=](size_t i, auto lanes) { Vec::load(input + i, lanes).store(out + i, lanes); });
}

void fill(float value, float* out, size_t count) {
  const Vec v = Vec::all(value);
  forVectors(0, count, [=](size_t i, auto lanes) { v.store(out + i, lanes); });
}

}  // namespace
