// The matrix kernel. It keeps a tile of C in `rows x vectors` registers while it reads a few rows of A and one panel of columns
// of B from front to back (Goto & van de Geijn 2008, "Anatomy of high-performance matrix multiplication"). The rows of A are
// packed into a panel, or read in place. Each position takes one fused multiply-add for each register. Tiles at the edges have
// instances of their own, so only the lanes of the last vector are padding. Each element of C is one chain of fused multiply-adds
// in the order of the inner dimension, so its bits do not depend on its tile.
#pragma once

#include "activation.h"

namespace {

using dawnpour::Block;
using dawnpour::Epilogue;
using dawnpour::Sums;
using dawnpour::SUMS_STRIDE;

/// `c (+)= a b` for one tile. `last` is the number of lanes of the last vector that exist.
template <int rows, int vectors, typename Last>
inline void storeTile(const Vec (&sum)[rows][vectors], float* c, size_t stride, bool add, Last last) {
  UNROLL
  for (int i = 0; i < rows; ++i) {
    float* row = c + static_cast<size_t>(i) * stride;
    UNROLL
    for (int j = 0; j < vectors; ++j) {
      float* at = row + j * Vec::width;
      if (j + 1 < vectors) {
        (add ? Vec::load(at) + sum[i][j] : sum[i][j]).store(at);
      } else {
        (add ? Vec::load(at, last) + sum[i][j] : sum[i][j]).store(at, last);
      }
    }
  }
}

/// A walk through memory that will be needed soon, one cache line at each step.
struct Walk {
  const float* from;
  size_t step;
};

/// `adjacent`: whether the rows of A are next to one another, as in packed panels. `step` is then the distance from one position
/// to the next, otherwise from one row to the next.
template <bool adjacent, int rows, int vectors>
void multiplyTile(const float* a, size_t step, const float* b, size_t depth, float* c, size_t stride, int columns,
                  bool add, Walk ahead) {
  Vec sum[rows][vectors];
  UNROLL
  for (int i = 0; i < rows; ++i) {
    prefetch(c + static_cast<size_t>(i) * stride);
    prefetch(c + static_cast<size_t>(i) * stride + columns - 1);
    UNROLL
    for (int j = 0; j < vectors; ++j) sum[i][j] = Vec::zero();
  }
  for (size_t p = 0; p < depth; ++p) {
    prefetch(ahead.from);
    ahead.from += ahead.step;
    Vec right[vectors];
    UNROLL
    for (int j = 0; j < vectors; ++j) right[j] = Vec::load(b + j * Vec::width);
    UNROLL
    for (int i = 0; i < rows; ++i) {
      const Vec left = Vec::all(adjacent ? a[i] : a[static_cast<size_t>(i) * step]);
      UNROLL
      for (int j = 0; j < vectors; ++j) sum[i][j] = fma(left, right[j], sum[i][j]);
    }
    a += adjacent ? step : 1;
    b += vectors * Vec::width;
  }
  const int last = columns - (vectors - 1) * Vec::width;
  if (last == Vec::width) {
    storeTile(sum, c, stride, add, Full{});
  } else {
    storeTile(sum, c, stride, add, Part{last});
  }
}

using TileFunction = void (*)(const float*, size_t, const float*, size_t, float*, size_t, int, bool, Walk);

/// `tiles[rows - 1][vectors - 1]`: the kernel for each size up to the full tile.
struct TileTable {
  TileFunction tiles[TILE_ROWS][TILE_VECTORS];
};

template <bool adjacent, int rows, int vectors>
constexpr void fillTable(TileTable& table) {
  table.tiles[rows - 1][vectors - 1] = multiplyTile<adjacent, rows, vectors>;
  if constexpr (vectors > 1) {
    fillTable<adjacent, rows, vectors - 1>(table);
  } else if constexpr (rows > 1) {
    fillTable<adjacent, rows - 1, TILE_VECTORS>(table);
  }
}

template <bool adjacent>
constexpr TileTable makeTable() {
  TileTable table{};
  fillTable<adjacent, TILE_ROWS, TILE_VECTORS>(table);
  return table;
}
constexpr TileTable ADJACENT = makeTable<true>(), APART = makeTable<false>();

/// Calls `body(at, to, column, lanes)` for each vector of a tile. `at` is its place in the sums, `to` its place in the matrices
/// of the epilogue, both counted from the first element of the tile.
template <typename Body>
inline void forRows(size_t sumsStride, size_t stride, int rows, int columns, Body body) {
  for (int i = 0; i < rows; ++i) {
    const size_t at = static_cast<size_t>(i) * sumsStride, to = static_cast<size_t>(i) * stride;
    forVectors(0, static_cast<size_t>(columns), [=](size_t j, auto lanes) { body(at + j, to + j, j, lanes); });
  }
}

/// The epilogue of the tile at (row, column). Its sums have just been stored, so they are still in the first cache.
template <typename T>
void finishTile(const Epilogue<T>& e, float* sums, size_t sumsStride, size_t stride, size_t row, size_t column, int rows,
                int columns) {
  const size_t start = row * stride + column;
  const auto forTile = [=](auto body) { forRows(sumsStride, stride, rows, columns, body); };
  if (e.bias) {
    const float* const bias = e.bias + column;
    forTile([=](size_t at, size_t, size_t j, auto lanes) {
      (Vec::load(sums + at, lanes) + Vec::load(bias + j, lanes)).store(sums + at, lanes);
    });
  }
  if (e.preActivation) {
    T* const kept = e.preActivation + start;
    forTile([=](size_t at, size_t to, size_t, auto lanes) { Vec::load(sums + at, lanes).store(kept + to, lanes); });
  }
  if (e.activation != Activation::linear) {
    withActivation(e.activation, [=](auto function) {
      forTile([=](size_t at, size_t, size_t, auto lanes) {
        function(Vec::load(sums + at, lanes)).store(sums + at, lanes);
      });
    });
  }
  if (e.at) {
    const T* const from = e.at + start;
    withDerivative(e.derivative, [=](auto derivative) {
      forTile([=](size_t at, size_t to, size_t, auto lanes) {
        (Vec::load(sums + at, lanes) * derivative(Vec::load(from + to, lanes))).store(sums + at, lanes);
      });
    });
  }
  if (e.out) {
    T* const out = e.out + start;
    forTile([=](size_t at, size_t to, size_t, auto lanes) { Vec::load(sums + at, lanes).store(out + to, lanes); });
  }
}

/// Finishes a block that other kernels have summed.
template <typename T>
void finish(const Sums<T>& block) {
  float* const sums = block.sums;
  if (block.rowExponents) {
    for (int i = 0; i < block.rows; ++i) {
      float* const row = sums + static_cast<size_t>(i) * SUMS_STRIDE;
      const Vec exponent = Vec::all(-block.rowExponents[i]);
      forVectors(0, static_cast<size_t>(block.columns), [=](size_t j, auto lanes) {
        const Vec exponents = exponent - Vec::load(block.columnExponents + j, lanes);
        timesPowerOfTwo(Vec::load(row + j, lanes), exponents).store(row + j, lanes);
      });
    }
  }
  if (block.before) {
    forRows(SUMS_STRIDE, block.stride, block.rows, block.columns, [=](size_t at, size_t to, size_t, auto lanes) {
      (Vec::load(sums + at, lanes) + Vec::load(block.before + to, lanes)).store(sums + at, lanes);
    });
  }
  finishTile(block.epilogue, sums, SUMS_STRIDE, block.stride, 0, 0, block.rows, block.columns);
}

/// Fetches the rows of a tile of a matrix of the epilogue, if there is one.
template <typename T>
inline void prefetchTile(const T* matrix, size_t stride, size_t row, size_t column, int rows, int columns) {
  if (!matrix) return;
  for (int i = 0; i < rows; ++i) {
    const T* first = matrix + (row + static_cast<size_t>(i)) * stride + column;
    prefetch(first);
    prefetch(first + columns - 1);
  }
}

/// Goes through the panels of B for each group of rows of A, which stays in the first cache meanwhile.
template <typename T>
void multiply(const Block<T>& block) {
  constexpr size_t tileColumns = TILE_VECTORS * Vec::width, cacheLine = 16;
  // Each tile fetches one cache line of the next block at each step, so the first few tiles fetch all of it.
  const Walk none{block.b, 0};
  Walk ahead{block.next.from, block.next.depthStride == 1 ? cacheLine : block.next.depthStride};
  size_t fetched = 0;
  const bool adjacent = block.packed || block.a.lineStride == 1;
  const TileTable& table = adjacent ? ADJACENT : APART;
  const size_t apart = adjacent ? block.a.depthStride : block.a.lineStride;
  for (size_t row = 0; row < block.rows; row += TILE_ROWS) {
    const int rows = static_cast<int>(block.rows - row < TILE_ROWS ? block.rows - row : TILE_ROWS);
    const float* const a = block.a.from + row * (block.packed ? block.depth : block.a.lineStride);
    const size_t step = block.packed ? static_cast<size_t>(rows) : apart;
    for (size_t column = 0; column < block.columns; column += tileColumns) {
      const size_t left = block.columns - column;
      const int columns = static_cast<int>(left < tileColumns ? left : tileColumns);
      const int vectors = (columns + Vec::width - 1) / Vec::width;
      if (block.epilogue) {
        prefetchTile(block.epilogue->at, block.stride, row, column, rows, columns);
        prefetchTile(block.epilogue->preActivation, block.stride, row, column, rows, columns);
      }
      const bool more = fetched < block.nextCount;
      table.tiles[rows - 1][vectors - 1](a, step, block.b + column * block.depth, block.depth,
                                         block.c + row * block.stride + column, block.stride, columns, block.add,
                                         more ? ahead : none);
      ahead.from += cacheLine * block.next.lineStride;
      fetched += cacheLine;
      if (block.epilogue) {
        float* const sums = block.c + row * block.stride + column;
        finishTile(*block.epilogue, sums, block.stride, block.stride, row, column, rows, columns);
      }
    }
  }
}

}  // namespace
