// Matrix product. The inner dimension is cut into blocks. For each block, every thread computes a rectangle of C of its own: it
// packs a group of columns of B that fits its second-level cache, and multiplies all its rows with the group. Rows of A are read
// in place if the first cache can hold those of a tile. Otherwise all threads together first pack them into shared scratch
// memory. Threads divide the rows and columns of C but never the inner dimension, so the bits do not depend on the number of
// threads.
#pragma once

#include <optional>

#include "../ops/op.h"

namespace dawnpour {

struct GemmOperands {
  View a, b, out, bias, preActivation, at;
  bool transposeA = false, transposeB = false, accumulate = false;
  Activation activation = Activation::linear, derivative = Activation::linear;
};

class Gemm : public Op {
 public:
  Gemm(const Kernels& kernels, const GemmOperands& operands);
  bool parallel() const override;
  void run(Worker worker) override;

 private:
  /// A rectangle of C: rows [row, rowEnd), columns [column, columnEnd).
  struct Part {
    size_t row, rowEnd, column, columnEnd;
  };
  /// A or B: `line` runs over its rows or columns, `depth` over the inner dimension.
  struct Side {
    View view;
    size_t lineStride, depthStride;

    template <typename T>
    Lines<T> from(size_t line, size_t position) const {
      return {view.at<T>() + line * lineStride + position * depthStride, lineStride, depthStride};
    }
  };
  bool packsRows() const;
  Part part(size_t rows, int thread, int threads) const;
  void packRows(Worker worker, int threads, size_t row, size_t rows, size_t position, size_t depth) const;
  void pack(const Side& side, size_t line, size_t count, size_t position, size_t depth, int width, int granularity,
            float* to) const;
  template <typename T>
  void multiply(Worker worker, const Part& part, size_t row, size_t position, size_t depth) const;

  const Kernels& kernels_;
  GemmOperands operands_;
  Side a_, b_;
  /// The product in f32, where `out` is narrower than a float: it is then rounded once, at the end.
  std::optional<Memory> sums_;
  size_t rows_, columns_, depth_;
  bool packs_;
  size_t rowBlock_, depthBlock_;
};

}  // namespace dawnpour
