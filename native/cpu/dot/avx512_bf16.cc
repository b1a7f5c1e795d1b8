// VDPBF16PS of AVX-512 BF16. A register of sums holds 16 columns of one row; eight rows of 32 columns are computed at a time.
#include <cpuid.h>

#include <cstring>

#include "pack_avx512.h"

namespace {

constexpr int ROWS = 8;

/// Adds the products of one part of A and one of B to `ROWS x columnTiles` registers.
template <int columnTiles>
inline void addPart(__m512 (&sums)[ROWS][columnTiles], const BFloat* a, const BFloat* b) {
  for (size_t pair = 0; pair < STEP_DEPTH / 2; ++pair) {
    __m512bh right[columnTiles];
    UNROLL
    for (int j = 0; j < columnTiles; ++j) {
      right[j] = (__m512bh)_mm512_load_si512(b + static_cast<size_t>(j) * TILE_SIZE + pair * 2 * TILE_LINES);
    }
    UNROLL
    for (int i = 0; i < ROWS; ++i) {
      int bits;
      std::memcpy(&bits, a + static_cast<size_t>(i) * STEP_DEPTH + pair * 2, sizeof bits);
      const __m512bh left = (__m512bh)_mm512_set1_epi32(bits);
      UNROLL
      for (int j = 0; j < columnTiles; ++j) sums[i][j] = _mm512_dpbf16_ps(sums[i][j], left, right[j]);
    }
  }
}

template <int columnTiles>
void multiplyRows(const BFloat* a, const BFloat* b, size_t steps, int parts, float* sums) {
  constexpr int PAIRS[3][6][2] = {{{0, 0}}, {{1, 0}, {0, 0}, {0, 1}}, {{2, 0}, {0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}}};
  constexpr int COUNTS[3] = {1, 3, 6};
  __m512 registers[ROWS][columnTiles];
  UNROLL
  for (int i = 0; i < ROWS; ++i) {
    UNROLL
    for (int j = 0; j < columnTiles; ++j) registers[i][j] = _mm512_setzero_ps();
  }
  const size_t size = 2 * TILE_SIZE;
  for (size_t step = 0; step < steps; ++step) {
    for (int pair = 0; pair < COUNTS[parts - 1]; ++pair) {
      const int* const of = PAIRS[parts - 1][pair];
      addPart(registers, a + static_cast<size_t>(of[0]) * size, b + static_cast<size_t>(of[1]) * size);
    }
    a += static_cast<size_t>(parts) * size;
    b += static_cast<size_t>(parts) * size;
  }
  UNROLL
  for (int i = 0; i < ROWS; ++i) {
    UNROLL
    for (int j = 0; j < columnTiles; ++j) {
      _mm512_storeu_ps(sums + static_cast<size_t>(i) * dawnpour::SUMS_STRIDE + j * 16, registers[i][j]);
    }
  }
}

void multiply(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums) {
  for (size_t row = 0; row < static_cast<size_t>(rowTiles) * TILE_LINES; row += ROWS) {
    const BFloat* const from = a + row / TILE_LINES * TILE_SIZE + row % TILE_LINES * STEP_DEPTH;
    (columnTiles == 2 ? multiplyRows<2> : multiplyRows<1>)(from, b, steps, parts, sums + row * dawnpour::SUMS_STRIDE);
  }
}

bool always() { return true; }
void nothing() {}

/// AMD's chips start as many of these instructions as fused multiply-adds, and Intel's half as many. Each does twice the work.
bool fast() {
  unsigned a, b, c, d;
  return __get_cpuid(0, &a, &b, &c, &d) && b == signature_AMD_ebx && c == signature_AMD_ecx && d == signature_AMD_edx;
}

}  // namespace

namespace dawnpour {
extern const DotKernels avx512Bf16Kernels;
const DotKernels avx512Bf16Kernels{"avx512-bf16", fast, always, nothing, nothing, pack, split, multiply};
}  // namespace dawnpour
