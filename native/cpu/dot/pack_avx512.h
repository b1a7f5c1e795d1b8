// Packing with AVX-512, which both units have: a tile is 16 registers of 16 pairs. A register is filled along the direction in
// which memory is contiguous, and transposed where the tile has the other direction.
//
// This file is compiled once for each unit, in an unnamed namespace: see lanes.h.
#pragma once

#include "dot.h"
#include "../simd/avx512.h"

namespace {

using dawnpour::LARGEST_SCALE;
using dawnpour::Lines;
using dawnpour::PANEL_LINES;
using dawnpour::SCALED;
using dawnpour::Side;
using dawnpour::STEP_DEPTH;
using dawnpour::TILE_LINES;
using dawnpour::TILE_SIZE;

constexpr size_t least(size_t a, size_t b) { return a < b ? a : b; }

inline __mmask16 first16(size_t count) { return static_cast<__mmask16>((1u << least(count, 16)) - 1); }
inline __mmask32 first32(size_t count) { return static_cast<__mmask32>((uint64_t{1} << least(count, 32)) - 1); }

/// Transposes the 16 x 16 pairs of a tile.
inline void transposeTile(BFloat* tile) {
  Vec square[16];
  const auto at = [tile](int i) { return reinterpret_cast<float*>(tile) + i * 16; };
  UNROLL
  for (int i = 0; i < 16; ++i) square[i] = {_mm512_load_ps(at(i))};
  const auto exchange = [&square](auto distance) {
    UNROLL
    for (int i = 0; i < 16; ++i) {
      if (!(i & distance.value)) Vec::exchange<distance.value>(square[i], square[i + distance.value]);
    }
  };
  exchange(std::integral_constant<int, 8>{});
  exchange(std::integral_constant<int, 4>{});
  exchange(std::integral_constant<int, 2>{});
  exchange(std::integral_constant<int, 1>{});
  UNROLL
  for (int i = 0; i < 16; ++i) _mm512_store_ps(at(i), square[i].v);
}

/// A source of tiles. `fillLines` and `fillPairs` (tile, line, position, lines, depth) write the tile that starts at `line` and
/// `position`. For several parts they write one tile for each part, `2 * TILE_SIZE` apart. From there on `lines` lines and
/// `depth` positions exist. A row of the tile is a line in `fillLines`, for contiguous lines, and a pair of positions in
/// `fillPairs`.
template <typename T>
struct Source {
  Lines<T> lines;
  const T* at(size_t line, size_t position) const {
    return lines.from + line * lines.lineStride + position * lines.depthStride;
  }
};

struct Copied : Source<BFloat> {
  static constexpr int parts = 1;

  void fillLines(BFloat* tile, size_t line, size_t position, size_t count, size_t depth) const {
    const __mmask32 mask = first32(depth);
    for (size_t i = 0; i < TILE_LINES; ++i) {
      const __m512i row = _mm512_maskz_loadu_epi16(i < count ? mask : 0, at(line + least(i, count - 1), position));
      _mm512_store_si512(tile + i * STEP_DEPTH, row);
    }
  }
  void fillPairs(BFloat* tile, size_t line, size_t position, size_t count, size_t depth) const {
    const __mmask16 mask = first16(count);
    const auto load = [&](size_t p) {
      return _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(p < depth ? mask : 0, at(line, position + least(p, depth - 1))));
    };
    for (size_t p = 0; p < STEP_DEPTH; p += 2) {
      _mm512_store_si512(tile + p * TILE_LINES, _mm512_or_si512(load(p), _mm512_slli_epi32(load(p + 1), 16)));
    }
  }
};

/// x rounded to its upper 8 bits (Dekker 1971), as in the model.
inline __m512 upperPart(__m512 x) {
  const __m512 large = _mm512_mul_ps(x, _mm512_set1_ps(65537.0f));
  return _mm512_sub_ps(large, _mm512_sub_ps(large, x));
}

/// 2^exponent. For an infinite exponent the result is not defined.
inline __m512 powerOfTwo(__m512 exponents) {
  const __m512i whole = _mm512_cvtps_epi32(exponents);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_add_epi32(whole, _mm512_set1_epi32(127)), 23));
}

template <int count>
struct Split : Source<float> {
  static constexpr int parts = count;
  /// The exponents of the lines of whole panels.
  const float* exponents;

  void fillLines(BFloat* tile, size_t line, size_t position, size_t lineCount, size_t depth) const {
    const __m512i odd = _mm512_set_epi16(63, 61, 59, 57, 55, 53, 51, 49, 47, 45, 43, 41, 39, 37, 35, 33, 31, 29, 27, 25, 23,
                                         21, 19, 17, 15, 13, 11, 9, 7, 5, 3, 1);
    const __mmask16 low = first16(depth), high = first16(depth > 16 ? depth - 16 : 0);
    for (size_t i = 0; i < TILE_LINES; ++i) {
      const bool exists = i < lineCount;
      const float* const from = at(line + least(i, lineCount - 1), position);
      const __m512 scale = powerOfTwo(_mm512_set1_ps(exponents[line + i]));
      __m512 x = _mm512_mul_ps(_mm512_maskz_loadu_ps(exists ? low : 0, from), scale);
      __m512 y = _mm512_mul_ps(_mm512_maskz_loadu_ps(exists ? high : 0, from + (high ? 16 : 0)), scale);
      UNROLL
      for (int part = 0; part < parts; ++part) {
        const __m512 upperX = upperPart(x), upperY = upperPart(y);
        _mm512_store_si512(tile + static_cast<size_t>(part) * 2 * TILE_SIZE + i * STEP_DEPTH,
                           _mm512_permutex2var_epi16(_mm512_castps_si512(upperX), odd, _mm512_castps_si512(upperY)));
        x = _mm512_sub_ps(x, upperX);
        y = _mm512_sub_ps(y, upperY);
      }
    }
  }
  void fillPairs(BFloat* tile, size_t line, size_t position, size_t lineCount, size_t depth) const {
    const __mmask16 mask = first16(lineCount);
    const __m512 scale = powerOfTwo(_mm512_loadu_ps(exponents + line));
    const auto load = [&](size_t p) {
      return _mm512_mul_ps(_mm512_maskz_loadu_ps(p < depth ? mask : 0, at(line, position + least(p, depth - 1))), scale);
    };
    for (size_t p = 0; p < STEP_DEPTH; p += 2) {
      __m512 x = load(p), y = load(p + 1);
      UNROLL
      for (int part = 0; part < parts; ++part) {
        const __m512 upperX = upperPart(x), upperY = upperPart(y);
        const __m512i pair =
            _mm512_or_si512(_mm512_srli_epi32(_mm512_castps_si512(upperX), 16), _mm512_castps_si512(upperY));
        _mm512_store_si512(tile + static_cast<size_t>(part) * 2 * TILE_SIZE + p * TILE_LINES, pair);
        x = _mm512_sub_ps(x, upperX);
        y = _mm512_sub_ps(y, upperY);
      }
    }
  }
};

/// Packs one step of one panel, from `line` and `position` on. From there on `count` lines exist.
template <typename From>
void packStep(const From& source, Side side, size_t line, size_t count, size_t position, size_t depth, BFloat* to) {
  const bool byLine = source.lines.depthStride == 1, wantsLines = side == Side::a;
  for (size_t first = 0; first < least(count, PANEL_LINES); first += TILE_LINES) {
    BFloat* const tile = to + first * STEP_DEPTH;
    const size_t lines = least(count - first, TILE_LINES), left = least(depth - position, STEP_DEPTH);
    if (byLine) {
      source.fillLines(tile, line + first, position, lines, left);
    } else {
      source.fillPairs(tile, line + first, position, lines, left);
    }
    for (int part = 0; byLine != wantsLines && part < From::parts; ++part) {
      transposeTile(tile + static_cast<size_t>(part) * 2 * TILE_SIZE);
    }
  }
}

/// Goes through the matrix in the order of its memory: along its lines, or along its positions. In the other order, rows whose
/// length is a power of two would evict one another from the caches before the next panel needs the neighbouring elements.
template <typename From>
void packPanels(const From& source, Side side, size_t count, size_t depth, BFloat* to) {
  const size_t step = static_cast<size_t>(From::parts) * 2 * TILE_SIZE;
  const size_t panel = (depth + STEP_DEPTH - 1) / STEP_DEPTH * step;
  const auto pack = [&](size_t line, size_t position) {
    packStep(source, side, line, count - line, position, depth,
             to + line / PANEL_LINES * panel + position / STEP_DEPTH * step);
  };
  if (source.lines.depthStride == 1) {
    for (size_t line = 0; line < count; line += PANEL_LINES) {
      for (size_t position = 0; position < depth; position += STEP_DEPTH) pack(line, position);
    }
  } else {
    for (size_t position = 0; position < depth; position += STEP_DEPTH) {
      for (size_t line = 0; line < count; line += PANEL_LINES) pack(line, position);
    }
  }
}

void pack(const Lines<BFloat>& lines, Side side, size_t count, size_t depth, BFloat* to) {
  packPanels(Copied{{lines}}, side, count, depth, to);
}

/// The larger of 16 sizes and of the sizes of 16 floats, all as bits.
inline __m512i larger(__m512i most, __m512 x) {
  return _mm512_max_epu32(most, _mm512_and_si512(_mm512_castps_si512(x), _mm512_set1_epi32(0x7fffffff)));
}

/// The exponents by which lines are scaled, from the bits of their largest elements.
inline __m512 exponentsOf(__m512i most) {
  const __m512i infinite = _mm512_set1_epi32(0x7f800000);
  const __m512i exponent = _mm512_min_epi32(_mm512_sub_epi32(_mm512_set1_epi32(SCALED + 127), _mm512_srli_epi32(most, 23)),
                                            _mm512_set1_epi32(LARGEST_SCALE));
  return _mm512_mask_mov_ps(_mm512_cvtepi32_ps(exponent), _mm512_cmpge_epu32_mask(most, infinite),
                            _mm512_castsi512_ps(infinite));
}

/// Sets the exponents of `count` lines, and zeros for the rest of the last panel.
void findExponents(const Source<float>& source, size_t count, size_t depth, float* exponents) {
  const size_t padded = (count + PANEL_LINES - 1) / PANEL_LINES * PANEL_LINES;
  for (size_t line = 0; line < padded; ++line) exponents[line] = 0;
  if (source.lines.depthStride == 1) {
    for (size_t line = 0; line < count; ++line) {
      __m512i most = _mm512_setzero_si512();
      for (size_t p = 0; p < depth; p += 16) {
        most = larger(most, _mm512_maskz_loadu_ps(first16(depth - p), source.at(line, p)));
      }
      exponents[line] = _mm512_cvtss_f32(exponentsOf(_mm512_set1_epi32(static_cast<int>(_mm512_reduce_max_epu32(most)))));
    }
    return;
  }
  // Until then `exponents` holds the sizes themselves.
  for (size_t p = 0; p < depth; ++p) {
    for (size_t line = 0; line < count; line += 16) {
      const __m512i most = _mm512_loadu_si512(exponents + line);
      _mm512_storeu_si512(exponents + line, larger(most, _mm512_maskz_loadu_ps(first16(count - line), source.at(line, p))));
    }
  }
  for (size_t line = 0; line < count; line += 16) {
    _mm512_mask_storeu_ps(exponents + line, first16(count - line), exponentsOf(_mm512_loadu_si512(exponents + line)));
  }
}

template <int parts>
void splitPanels(const Lines<float>& lines, Side side, size_t count, size_t depth, BFloat* to, float* exponents) {
  findExponents({lines}, count, depth, exponents);
  packPanels(Split<parts>{{lines}, exponents}, side, count, depth, to);
}

void split(const Lines<float>& lines, Side side, int parts, size_t count, size_t depth, BFloat* to, float* exponents) {
  if (parts == 3) {
    splitPanels<3>(lines, side, count, depth, to, exponents);
  } else {
    splitPanels<2>(lines, side, count, depth, to, exponents);
  }
}

}  // namespace
