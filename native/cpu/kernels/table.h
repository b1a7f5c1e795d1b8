// The kernels of one instruction set, gathered in a table. A source file per instruction set defines its `Vec` and the
// size of its tile, then includes this.
#pragma once

#include "elementwise.h"
#include "loss.h"
#include "multiply.h"
#include "pack.h"
#include "tree_sum.h"
#include "update.h"

namespace {

constexpr dawnpour::Kernels kernelTable(const char* isa) {
  return {.isa = isa,
          .tileRows = TILE_ROWS,
          .tileColumns = TILE_VECTORS * Vec::width,
          .lanes = Vec::width,
          .pack = pack<float>,
          .packHalf = pack<Half>,
          .multiply = multiply<float>,
          .multiplyHalf = multiply<Half>,
          .activate = activate,
          .activationGradient = activationGradient,
          .loss = loss,
          .scale = scale,
          .scaleBytes = scaleBytes,
          .add = add,
          .widen = convert<Half, float>,
          .narrow = convert<float, Half>,
          .fill = fill,
          .sumSquares = sumSquares,
          .sumRows = sumRows<float>,
          .sumRowsHalf = sumRows<Half>,
          .update = update,
          .treeSum = treeSum};
}

}  // namespace
