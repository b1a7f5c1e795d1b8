// The table of the kernels of one instruction set. The source file of each instruction set defines its `Vec` and the size of its
// tile, then includes this file.
#pragma once

#include "doubles.h"
#include "elementwise.h"
#include "loss.h"
#include "map.h"
#include "multiply.h"
#include "noise.h"
#include "pack.h"
#include "tree_sum.h"
#include "update.h"

namespace {

template <typename T>
constexpr dawnpour::NarrowKernels<T> narrowKernels() {
  return {.pack = pack<T>,
          .multiply = multiply<T>,
          .finish = finish<T>,
          .widen = convert<T, float>,
          .narrow = convert<float, T>,
          .sumRows = sumRows<T>};
}

constexpr dawnpour::Kernels kernelTable(const char* isa) {
  return {.isa = isa,
          .tileRows = TILE_ROWS,
          .tileColumns = TILE_VECTORS * Vec::width,
          .lanes = Vec::width,
          .pack = pack<float>,
          .multiply = multiply<float>,
          .finish = finish<float>,
          .activate = activate,
          .activationGradient = activationGradient,
          .loss = loss,
          .scale = scale,
          .scaleBytes = scaleBytes,
          .add = add,
          .fill = fill,
          .sumSquares = sumSquares,
          .sum = sum,
          .largest = largest,
          .sumExponentials = sumExponentials,
          .noise = noise,
          .sumRows = sumRows<float>,
          .update = update,
          .map = map,
          .treeSum = treeSum,
          .half = narrowKernels<Half>(),
          .bfloat = narrowKernels<BFloat>(),
          .doubles = {.dot = dotDoubles,
                      .add = addDoubles,
                      .update = updateDoubles,
                      .rotate = rotateDoubles,
                      .multiply = multiplyDoubles}};
}

}  // namespace
