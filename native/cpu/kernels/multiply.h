// The matrix kernel. A tile of C, `rows x vectors` registers of it, is held while one row panel of A and one column panel
// of B are read front to back, one fused multiply-add a register and position (Goto & van de Geijn 2008, "Anatomy of
// high-performance matrix multiplication"). Tiles at the edges have instances of their own, so that no work is padding
// but the lanes of the last vector. Each element of C is one chain of fused multiply-adds in the order of the inner
// dimension: its bits do not depend on the tile it falls into.
#pragma once

#include "activation.h"

namespace {

using dawnpour::Block;
using dawnpour::Epilogue;

/// `c (+)= a b` for one tile; `last` says how many lanes of the last vector exist.
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

template <int rows, int vectors>
void multiplyTile(const float* a, const float* b, size_t depth, float* c, size_t stride, int columns, bool add) {
  Vec sum[rows][vectors];
  UNROLL
  for (int i = 0; i < rows; ++i) {
    prefetchForWrite(c + static_cast<size_t>(i) * stride);
    prefetchForWrite(c + static_cast<size_t>(i) * stride + columns - 1);
    UNROLL
    for (int j = 0; j < vectors; ++j) sum[i][j] = Vec::zero();
  }
  for (size_t p = 0; p < depth; ++p) {
    Vec right[vectors];
    UNROLL
    for (int j = 0; j < vectors; ++j) right[j] = Vec::load(b + j * Vec::width);
    UNROLL
    for (int i = 0; i < rows; ++i) {
      const Vec left = Vec::all(a[i]);
      UNROLL
      for (int j = 0; j < vectors; ++j) sum[i][j] = fma(left, right[j], sum[i][j]);
    }
    a += rows;
    b += vectors * Vec::width;
  }
  const int last = columns - (vectors - 1) * Vec::width;
  if (last == Vec::width) {
    storeTile(sum, c, stride, add, Full{});
  } else {
    storeTile(sum, c, stride, add, Part{last});
  }
}

using TileFunction = void (*)(const float*, const float*, size_t, float*, size_t, int, bool);

/// `tiles[rows - 1][vectors - 1]`: the kernel for each size up to the full tile.
struct TileTable {
  TileFunction tiles[TILE_ROWS][TILE_VECTORS];
};

template <int rows, int vectors>
constexpr void fillTable(TileTable& table) {
  table.tiles[rows - 1][vectors - 1] = multiplyTile<rows, vectors>;
  if constexpr (vectors > 1) {
    fillTable<rows, vectors - 1>(table);
  } else if constexpr (rows > 1) {
    fillTable<rows - 1, TILE_VECTORS>(table);
  }
}

constexpr TileTable makeTable() {
  TileTable table{};
  fillTable<TILE_ROWS, TILE_VECTORS>(table);
  return table;
}
constexpr TileTable TILES = makeTable();

/// The epilogue on a tile that has just been stored: it is still in the first cache.
void finishTile(const Epilogue& e, float* c, size_t stride, size_t row, size_t column, int rows, int columns) {
  for (int i = 0; i < rows; ++i) {
    const size_t start = (row + static_cast<size_t>(i)) * stride + column;
    float* out = c + start;
    const size_t count = static_cast<size_t>(columns);
    if (e.bias) add(out, e.bias + column, 1.0f, out, count);
    if (e.preActivation) scale(out, 1.0f, e.preActivation + start, count);
    if (e.activation != Activation::linear) activate(e.activation, out, out, count);
    if (e.at) activationGradient(e.derivative, e.at + start, out, out, count);
  }
}

/// Panels of A stay in the first cache while the panels of B pass by.
void multiply(const Block& block) {
  constexpr size_t tileColumns = TILE_VECTORS * Vec::width;
  for (size_t row = 0; row < block.rows; row += TILE_ROWS) {
    const int rows = static_cast<int>(block.rows - row < TILE_ROWS ? block.rows - row : TILE_ROWS);
    for (size_t column = 0; column < block.columns; column += tileColumns) {
      const size_t left = block.columns - column;
      const int columns = static_cast<int>(left < tileColumns ? left : tileColumns);
      const int vectors = (columns + Vec::width - 1) / Vec::width;
      TILES.tiles[rows - 1][vectors - 1](block.a + row * block.depth, block.b + column * block.depth, block.depth,
                                         block.c + row * block.stride + column, block.stride, columns, block.add);
      if (block.epilogue) finishTile(*block.epilogue, block.c, block.stride, row, column, rows, columns);
    }
  }
}

}  // namespace
