// Matrix product with a unit for pairs of bfloat16. The operands are bfloat16, or floats that are split into parts. As in gemm.h,
// the inner dimension is cut into blocks, and every thread computes a rectangle of C of its own. Here both operands are packed.
// All threads pack A together.
#pragma once

#include <optional>

#include "../dot/dot.h"
#include "gemm.h"

namespace dawnpour {

class DotGemm : public Op {
 public:
  /// Whether this arithmetic computes the product with the unit. Only the types and sizes of the operands decide.
  static bool suits(const Arithmetic& arithmetic, const GemmOperands& operands);

  DotGemm(const Arithmetic& arithmetic, const GemmOperands& operands);
  bool parallel() const override;
  void run(Worker worker) override;

 private:
  /// A rectangle of C, counted in panels.
  struct Part {
    size_t row, rowEnd, column, columnEnd;
  };
  struct Operand {
    View view;
    Side side;
    size_t lines, lineStride, depthStride;
  };
  /// A stretch of the inner dimension.
  struct Stretch {
    size_t position, depth;
    size_t steps() const { return (depth + STEP_DEPTH - 1) / STEP_DEPTH; }
  };
  /// A block of C, the product of two panels: its first row and column, and the exponents of its lines.
  struct Block {
    size_t row, rows;
    const float* rowExponents;
    size_t column, columns;
    const float* columnExponents;
  };
  struct Scratch;

  Part part(size_t rowPanels, int thread, int threads) const;
  size_t panelSize(const Stretch& stretch) const { return stretch.steps() * static_cast<size_t>(parts_) * PANEL_LINES * STEP_DEPTH; }
  void pack(const Operand& operand, const Stretch& stretch, size_t panel, size_t panelEnd, BFloat* to, float* exponents) const;
  void multiply(const Scratch& scratch, const Stretch& stretch, size_t firstRow, const Part& part, size_t column) const;
  void finish(float* sums, bool scaled, const Stretch& stretch, const Block& block) const;
  bool repair(float* sums, const Stretch& stretch, const Block& block) const;
  float dot(const Stretch& stretch, size_t row, size_t column) const;

  const Kernels& kernels_;
  const DotKernels& dot_;
  GemmOperands operands_;
  int parts_;
  bool splits_;
  Operand a_, b_;
  /// The sums between two stretches of the inner dimension, where `out` is narrower than a float.
  std::optional<Memory> sums_;
  size_t depth_, depthBlock_;
};

}  // namespace dawnpour
