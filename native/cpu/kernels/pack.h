// Packing copies lines of a matrix into panels that the matrix kernel reads from front to back, `panel[position][line]`. Where
// the lines are side by side in memory, this is a copy. Where each line is contiguous, it is a transpose, done in registers in
// squares of one vector's width. Narrow floats are widened: panels are of floats.
#pragma once

#include "functions.h"

namespace {

using dawnpour::Lines;

/// Transposes a square of vectors in place.
template <int distance = Vec::width / 2>
inline void transpose(Vec (&square)[Vec::width]) {
  UNROLL
  for (int i = 0; i < Vec::width; ++i) {
    if (!(i & distance)) Vec::exchange<distance>(square[i], square[i + distance]);
  }
  if constexpr (distance > 1) transpose<distance / 2>(square);
}

/// A square of `lines` lines and as many positions as a vector has lanes. All sizes are constants.
template <int lines, typename T>
inline void packSquare(const T* from, size_t lineStride, float* to, size_t width) {
  Vec square[Vec::width];
  UNROLL
  for (int i = 0; i < Vec::width; ++i) {
    square[i] = i < lines ? Vec::load(from + static_cast<size_t>(i) * lineStride) : Vec::zero();
  }
  transpose(square);
  UNROLL
  for (int i = 0; i < Vec::width; ++i) {
    float* out = to + static_cast<size_t>(i) * width;
    if constexpr (lines == Vec::width) {
      square[i].store(out);
    } else {
      square[i].store(out, Part{lines});
    }
  }
}

/// A square at the edge of the matrix: `lines` lines of `depth` positions, which take `stored` places in the panel.
template <typename T>
inline void packEdge(const T* from, size_t lineStride, int lines, int depth, float* to, size_t width, int stored) {
  Vec square[Vec::width];
  for (int i = 0; i < Vec::width; ++i) {
    square[i] = i < lines ? Vec::load(from + static_cast<size_t>(i) * lineStride, Part{depth}) : Vec::zero();
  }
  transpose(square);
  for (int i = 0; i < depth; ++i) square[i].store(to + static_cast<size_t>(i) * width, Part{stored});
}

/// For lines that are contiguous along the depth: transposes. `lines` lines exist; the panel is `width` wide.
template <typename T>
inline void packTransposed(const Lines<T>& source, size_t lines, size_t depth, size_t width, float* to) {
  constexpr int rowsOfTile = TILE_ROWS < Vec::width ? TILE_ROWS : Vec::width;
  for (size_t first = 0; first < width; first += Vec::width) {
    const size_t left = width - first, real = first < lines ? lines - first : 0;
    const int stored = static_cast<int>(left < Vec::width ? left : Vec::width);
    const int count = static_cast<int>(real < Vec::width ? real : Vec::width);
    const T* from = source.from + first * source.lineStride;
    for (size_t p = 0; p < depth; p += Vec::width) {
      const int steps = static_cast<int>(depth - p < Vec::width ? depth - p : Vec::width);
      float* out = to + p * width + first;
      if (steps == Vec::width && count == Vec::width) {
        packSquare<Vec::width>(from + p, source.lineStride, out, width);
      } else if (steps == Vec::width && count == rowsOfTile && stored == rowsOfTile) {
        packSquare<rowsOfTile>(from + p, source.lineStride, out, width);
      } else {
        packEdge(from + p, source.lineStride, count, steps, out, width, stored);
      }
    }
  }
}

/// For lines side by side: copies `lines` elements of each position, and adds zeros up to `width`.
template <typename T>
inline void packCopied(const Lines<T>& source, size_t lines, size_t depth, size_t width, float* to) {
  for (size_t first = 0; first < width; first += Vec::width) {
    const T* from = source.from + first;
    float* out = to + first;
    const size_t left = width - first, real = first < lines ? lines - first : 0;
    if (real >= Vec::width) {
      for (size_t p = 0; p < depth; ++p) Vec::load(from + p * source.depthStride).store(out + p * width);
    } else {
      const Part loaded{static_cast<int>(real)}, stored{static_cast<int>(left < Vec::width ? left : Vec::width)};
      for (size_t p = 0; p < depth; ++p) {
        Vec::load(from + p * source.depthStride, loaded).store(out + p * width, stored);
      }
    }
  }
}

template <typename T>
void pack(const Lines<T>& lines, size_t count, size_t depth, int width, int granularity, float* to) {
  const size_t full = static_cast<size_t>(width), step = static_cast<size_t>(granularity);
  for (size_t first = 0; first < count; first += full) {
    const size_t real = count - first < full ? count - first : full;
    const size_t padded = (real + step - 1) / step * step;
    const Lines<T> panel{lines.from + first * lines.lineStride, lines.lineStride, lines.depthStride};
    if (lines.depthStride == 1) {
      packTransposed(panel, real, depth, padded, to);
    } else {
      packCopied(panel, real, depth, padded, to);
    }
    to += full * depth;
  }
}

}  // namespace
