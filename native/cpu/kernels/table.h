// The kernels of one instruction set, gathered in a table. A source file per instruction set defines its `Vec` and the
// size of its tile, then includes this.
#pragma once

#include "elementwise.h"
#include "loss.h"
#include "multiply.h"
#include "pack.h"
#include "update.h"

namespace {

constexpr dawnpour::Kernels kernelTable(const char* isa) {
  return {isa,    TILE_ROWS,          TILE_VECTORS * Vec::width, Vec::width, pack, multiply, activate, activationGradient,
          loss,   scale,              scaleBytes,                add,        fill, sumSquares, sumRows, update};
}

}  // namespace
