// Loops over doubles for linear algebra (native/linear). They have eight lanes on every chip, so a sum is the same chains of
// additions whatever the size of the registers. Chips differ only in whether a multiply-add is rounded once or twice.
#pragma once

#include <cstring>

#include "../simd/lanes.h"

namespace {

constexpr size_t EIGHT = 8;

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpsabi"  // Such vectors are passed to inlined functions only.
typedef double Eight __attribute__((vector_size(64)));
#else
struct Eight {
  double lane[EIGHT];
  double operator[](size_t i) const { return lane[i]; }
  friend Eight operator*(double a, Eight b) {
    for (double& lane : b.lane) lane *= a;
    return b;
  }
  friend Eight operator*(Eight a, const Eight& b) {
    for (size_t i = 0; i < EIGHT; ++i) a.lane[i] *= b.lane[i];
    return a;
  }
  Eight& operator+=(const Eight& b) {
    for (size_t i = 0; i < EIGHT; ++i) lane[i] += b.lane[i];
    return *this;
  }
  Eight& operator-=(const Eight& b) {
    for (size_t i = 0; i < EIGHT; ++i) lane[i] -= b.lane[i];
    return *this;
  }
  friend Eight operator+(Eight a, const Eight& b) { return a += b; }
  friend Eight operator-(Eight a, const Eight& b) { return a -= b; }
};
#endif

inline Eight loadEight(const double* from) {
  Eight value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline void storeEight(const Eight& value, double* to) { std::memcpy(to, &value, sizeof value); }

inline double sumOf(const Eight& v) { return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7])); }

/// The sum has four chains of additions, because an addition takes about four cycles.
double dotDoubles(const double* a, const double* b, size_t count) {
  Eight sum[4] = {};
  size_t i = 0;
  for (; i + 4 * EIGHT <= count; i += 4 * EIGHT) {
    UNROLL
    for (size_t j = 0; j < 4; ++j) sum[j] += loadEight(a + i + j * EIGHT) * loadEight(b + i + j * EIGHT);
  }
  for (; i + EIGHT <= count; i += EIGHT) sum[0] += loadEight(a + i) * loadEight(b + i);
  double total = sumOf((sum[0] + sum[2]) + (sum[1] + sum[3]));
  for (; i < count; ++i) total += a[i] * b[i];
  return total;
}

/// y += factor x
void addDoubles(double factor, const double* x, double* y, size_t count) {
  size_t i = 0;
  for (; i + EIGHT <= count; i += EIGHT) storeEight(loadEight(y + i) + factor * loadEight(x + i), y + i);
  for (; i < count; ++i) y[i] += factor * x[i];
}

/// row -= a w + b v; returns row . next
double updateDoubles(double* row, double a, const double* w, double b, const double* v, const double* next, size_t count) {
  Eight sum[2] = {};
  size_t i = 0;
  for (; i + 2 * EIGHT <= count; i += 2 * EIGHT) {
    UNROLL
    for (size_t j = 0; j < 2; ++j) {
      const size_t at = i + j * EIGHT;
      const Eight value = loadEight(row + at) - (a * loadEight(w + at) + b * loadEight(v + at));
      storeEight(value, row + at);
      sum[j] += value * loadEight(next + at);
    }
  }
  double total = sumOf(sum[0] + sum[1]);
  for (; i < count; ++i) {
    row[i] -= a * w[i] + b * v[i];
    total += row[i] * next[i];
  }
  return total;
}

/// Rotates two rows: upper = sine lower + cosine upper, lower = cosine lower - sine upper.
void rotateDoubles(double* lower, double* upper, double cosine, double sine, size_t count) {
  size_t i = 0;
  for (; i + EIGHT <= count; i += EIGHT) {
    const Eight l = loadEight(lower + i), u = loadEight(upper + i);
    storeEight(sine * l + cosine * u, upper + i);
    storeEight(cosine * l - sine * u, lower + i);
  }
  for (; i < count; ++i) {
    const double l = lower[i], u = upper[i];
    upper[i] = sine * l + cosine * u;
    lower[i] = cosine * l - sine * u;
  }
}

template <size_t rows>
inline void multiplyTile(const double* a, size_t stride, const double* panel, size_t depth, double* c, size_t cStride,
                         size_t columns) {
  Eight sum[rows] = {};
  for (size_t p = 0; p < depth; ++p) {
    const Eight right = loadEight(panel + p * EIGHT);
    UNROLL
    for (size_t i = 0; i < rows; ++i) sum[i] += a[i * stride + p] * right;
  }
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) c[i * cStride + j] = sum[i][j];
  }
}

/// c [rows, columns] = a [rows, depth] times the first `columns` columns of a panel [depth, 8].
void multiplyDoubles(const double* a, size_t stride, size_t rows, const double* panel, size_t depth, double* c,
                     size_t cStride, size_t columns) {
  constexpr size_t TILE = 6;
  size_t i = 0;
  for (; i + TILE <= rows; i += TILE) {
    multiplyTile<TILE>(a + i * stride, stride, panel, depth, c + i * cStride, cStride, columns);
  }
  for (; i < rows; ++i) multiplyTile<1>(a + i * stride, stride, panel, depth, c + i * cStride, cStride, columns);
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

}  // namespace
