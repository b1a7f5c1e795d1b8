// A function for every op but the matrix product: it makes the op from its operands. The comments in src/program/ops define what
// each op computes.
#pragma once

#include <memory>
#include <vector>

#include "op.h"

namespace dawnpour {

using OpPointer = std::unique_ptr<Op>;

struct UpdateOperands {
  View parameters, gradients, state[2], scalars, gradientScale, gate;
  Rule rule = Rule::sgd;
  double decay1 = 0, decay2 = 0;
  float epsilon = 0, weightDecay = 0;
};

OpPointer gatherOp(const Kernels& kernels, const View& source, const View& rows, float scale, const View& out);
OpPointer activateOp(const Kernels& kernels, Activation activation, const View& input, const View& out);
OpPointer activationGradientOp(const Kernels& kernels, Activation activation, const View& at, const View& gradient,
                               const View& out);
/// `gradient` and `gradientScale` may be absent.
OpPointer lossOp(const Kernels& kernels, Loss loss, const View& input, const View& target, float scale,
                 const View& total, const View& gradient, const View& gradientScale);
OpPointer sumRowsOp(const Kernels& kernels, const View& input, bool accumulate, const View& out);
OpPointer updateOp(const Kernels& kernels, const UpdateOperands& operands);
OpPointer reduceOp(const Kernels& kernels, Reduction by, Reduced over, const View& input, const View& out);
OpPointer logSumExpOp(const Kernels& kernels, Reduced over, const View& input, const View& out);
OpPointer scaleOp(const Kernels& kernels, const View& input, float factor, const View& out);
OpPointer addOp(const Kernels& kernels, const View& a, const View& b, float factor, const View& out);
OpPointer copyOp(const Kernels& kernels, const View& input, const View& out);
OpPointer fillOp(const Kernels& kernels, float value, const View& out);
OpPointer normOp(const Kernels& kernels, const View& input, const View& out);
OpPointer exampleNormsOp(const Kernels& kernels, const View& input, const View& gradient, bool bias, bool accumulate,
                         const View& out);
OpPointer clipFactorOp(const View& norm, float maximum, const View& out);
/// A `maximum` of 0 means no clipping.
OpPointer lossScaleOp(const View& norm, const View& state, float maximum, float interval, const View& out);
OpPointer guardOp(const View& norm, const View& loss, const View& state, const View& out);
OpPointer advanceOp(const View& cursor);
/// `at` has no step yet, and its row is added to the row of `position`.
OpPointer randomOp(const Kernels& kernels, Distribution distribution, const NoiseAt& at, const View& position, const View& out);
/// `values` may be absent.
OpPointer oneHotOp(const View& labels, const View& values, const View& out);
OpPointer takeOp(const Kernels& kernels, const View& input, const View& labels, const View& out);
OpPointer transposeOp(const View& input, const View& out);
OpPointer sliceColumnsOp(const View& input, size_t first, const View& out);
OpPointer concatOp(std::vector<View> inputs, const View& out);

constexpr int MOST_REGISTERS = 4096;

/// A map. Its registers are the inputs, then the constants, then the results of the steps. The last step gives the output.
struct MapOperands {
  std::vector<View> inputs;
  std::vector<float> constants;
  std::vector<MapStep> steps;
  /// At most MOST_REGISTERS.
  int registers = 0;
  /// A further output of the shape of `out`: the contents of register `number`, which is not the register of an input.
  struct Other {
    int number;
    View view;
  };
  std::vector<Other> others;
  View out;
};
OpPointer mapOp(const Kernels& kernels, MapOperands operands);

}  // namespace dawnpour
