#include "model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace dawnpour {
namespace {

uint32_t bitsOf(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

float floatOf(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

float flushed(float x) { return std::fabs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0f, x) : x; }

float valueOf(BFloat x) { return flushed(floatOf(static_cast<uint32_t>(x.bits) << 16)); }

float fusedMultiplyAdd(float a, float b, float c) { return flushed(std::fma(a, b, c)); }

/// The index of position p of a line in a tile of A or of B.
size_t placeOf(Side side, size_t line, size_t p) {
  return side == Side::a ? line * STEP_DEPTH + p : (p / 2 * TILE_LINES + line) * 2 + p % 2;
}

/// Calls `element(line, position, index)` for each element of the panels of `count` lines, those beyond the end too. `index` is
/// where the first part of the element belongs.
template <typename Element>
void forPanels(Side side, int parts, size_t count, size_t depth, Element element) {
  const size_t steps = (depth + STEP_DEPTH - 1) / STEP_DEPTH, step = static_cast<size_t>(parts) * 2 * TILE_SIZE;
  const size_t padded = (count + PANEL_LINES - 1) / PANEL_LINES * PANEL_LINES;
  for (size_t line = 0; line < padded; ++line) {
    const size_t panel = line / PANEL_LINES * steps * step, tile = line % PANEL_LINES / TILE_LINES * TILE_SIZE;
    for (size_t p = 0; p < steps * STEP_DEPTH; ++p) {
      element(line, p, panel + p / STEP_DEPTH * step + tile + placeOf(side, line % TILE_LINES, p % STEP_DEPTH));
    }
  }
}

void pack(const Lines<BFloat>& lines, Side side, size_t count, size_t depth, BFloat* to) {
  forPanels(side, 1, count, depth, [&](size_t line, size_t p, size_t index) {
    const bool exists = line < count && p < depth;
    to[index] = exists ? lines.from[line * lines.lineStride + p * lines.depthStride] : BFloat{0};
  });
}

float exponentOf(const Lines<float>& lines, size_t line, size_t depth) {
  uint32_t largest = 0;
  for (size_t p = 0; p < depth; ++p) {
    const float x = lines.from[line * lines.lineStride + p * lines.depthStride];
    largest = std::max(largest, bitsOf(x) & 0x7fffffffu);
  }
  if (largest >= 0x7f800000u) return std::numeric_limits<float>::infinity();
  const int exponent = static_cast<int>(largest >> 23) - 127;
  return static_cast<float>(std::min(SCALED - exponent, LARGEST_SCALE));
}

/// x rounded to its upper 8 bits (Dekker 1971): the addition of a number 2^16 times as large loses the lower bits.
float upperPart(float x) {
  const float large = x * 65537.0f;
  const float rest = large - x;
  return large - rest;
}

void split(const Lines<float>& lines, Side side, int parts, size_t count, size_t depth, BFloat* to, float* exponents) {
  const size_t padded = (count + PANEL_LINES - 1) / PANEL_LINES * PANEL_LINES;
  for (size_t line = 0; line < padded; ++line) exponents[line] = line < count ? exponentOf(lines, line, depth) : 0;
  forPanels(side, parts, count, depth, [&](size_t line, size_t p, size_t index) {
    float rest = 0;
    if (line < count && p < depth && std::isfinite(exponents[line])) {
      const float scale = floatOf(static_cast<uint32_t>(static_cast<int>(exponents[line]) + 127) << 23);
      rest = flushed(lines.from[line * lines.lineStride + p * lines.depthStride]) * scale;
    }
    for (int part = 0; part < parts; ++part) {
      const float upper = upperPart(rest);
      to[index + static_cast<size_t>(part) * 2 * TILE_SIZE] = {static_cast<uint16_t>(bitsOf(upper) >> 16)};
      rest = flushed(rest - upper);
    }
  });
}

/// The products of parts, in the order in which they are added: the smallest first, unless a tile would then be loaded twice.
struct Pair {
  int a, b;
};
constexpr Pair ONE[] = {{0, 0}}, TWO[] = {{1, 0}, {0, 0}, {0, 1}},
               THREE[] = {{2, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}};

template <typename Element>
void multiply(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums,
              Element element) {
  const Pair* const pairs = parts == 1 ? ONE : parts == 2 ? TWO : THREE;
  const int count = parts == 1 ? 1 : parts == 2 ? 3 : 6;
  const size_t step = static_cast<size_t>(parts) * 2 * TILE_SIZE;
  const auto lines = [](int tiles) { return static_cast<size_t>(tiles) * TILE_LINES; };
  for (size_t i = 0; i < lines(rowTiles); ++i) {
    for (size_t j = 0; j < lines(columnTiles); ++j) {
      float sum = 0;
      for (size_t s = 0; s < steps; ++s) {
        for (int pair = 0; pair < count; ++pair) {
          const auto tileOf = [&](const BFloat* from, int part, size_t line) {
            return from + s * step + (static_cast<size_t>(part) * 2 + line / TILE_LINES) * TILE_SIZE;
          };
          const BFloat* const left = tileOf(a, pairs[pair].a, i);
          const BFloat* const right = tileOf(b, pairs[pair].b, j);
          BFloat row[STEP_DEPTH], column[STEP_DEPTH];
          for (size_t p = 0; p < STEP_DEPTH; ++p) {
            row[p] = left[placeOf(Side::a, i % TILE_LINES, p)];
            column[p] = right[placeOf(Side::b, j % TILE_LINES, p)];
          }
          sum = element(sum, row, column);
        }
      }
      sums[i * SUMS_STRIDE + j] = sum;
    }
  }
}

float pairProducts(float c, const BFloat* a, const BFloat* b) {
  for (size_t p = 0; p < STEP_DEPTH; p += 2) c = pairProduct(c, a + p, b + p);
  return c;
}

void multiplyTiles(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums) {
  multiply(a, b, steps, parts, rowTiles, columnTiles, sums, tileProduct);
}

void multiplyPairs(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums) {
  multiply(a, b, steps, parts, rowTiles, columnTiles, sums, pairProducts);
}

void nothing() {}
bool slow() { return false; }
bool always() { return true; }

}  // namespace

float tileProduct(float c, const BFloat* a, const BFloat* b) {
  float even = 0, odd = 0;
  for (size_t p = 0; p < STEP_DEPTH; p += 2) {
    even = fusedMultiplyAdd(valueOf(a[p]), valueOf(b[p]), even);
    odd = fusedMultiplyAdd(valueOf(a[p + 1]), valueOf(b[p + 1]), odd);
  }
  return flushed(flushed(c) + flushed(even + odd));
}

float pairProduct(float c, const BFloat* a, const BFloat* b) {
  const float odd = fusedMultiplyAdd(valueOf(a[1]), valueOf(b[1]), flushed(c));
  return fusedMultiplyAdd(valueOf(a[0]), valueOf(b[0]), odd);
}

const DotKernels tileModel{"amx", slow, always, nothing, nothing, pack, split, multiplyTiles};
const DotKernels pairModel{"avx512-bf16", slow, always, nothing, nothing, pack, split, multiplyPairs};

}  // namespace dawnpour
