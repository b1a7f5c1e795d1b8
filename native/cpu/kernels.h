// What one instruction set offers: the inner loops of every op, each on one thread and on a plain range of memory. How
// work is split between threads is the ops' business; so a kernel knows no threads, and an op no instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "../generated/names.h"
#include "bfloat.h"
#include "half.h"

namespace dawnpour {

/// T, here and below, is float, Half or BFloat: what the elements in memory are. Arithmetic is in float.
///
/// Lines of a matrix operand where they lie: line i, position p is `from[i * lineStride + p * depthStride]`,
/// and one of the strides is 1. For A a line is a row of op(A); for B it is a column of op(B).
template <typename T>
struct Lines {
  const T* from;
  size_t lineStride, depthStride;
};

/// What happens to a finished value of a matrix product, in the order of `GemmOp`. Pointers are to the element that
/// belongs to the first of the block at hand; a missing part is null, a missing function linear.
template <typename T>
struct Epilogue {
  const float* bias = nullptr;
  T* preActivation = nullptr;
  Activation activation = Activation::linear;
  Activation derivative = Activation::linear;
  const T* at = nullptr;
  /// Where the values go that are narrowed when they are finished; null where c is already the place for them.
  T* out = nullptr;

  bool empty() const { return !bias && !preActivation && activation == Activation::linear && !at && !out; }
};

/// `c (+)= a b`. The rows of c and of the matrices of the epilogue lie `stride` apart.
template <typename T>
struct Block {
  /// The rows of a; when `packed`, there are panels of them from `a.from` on, and its strides say nothing.
  Lines<float> a;
  bool packed;
  /// Packed panels of columns.
  const float* b;
  float* c;
  size_t stride;
  size_t rows, columns, depth;
  /// Whether to add to what c holds: from the second stretch of the inner dimension on, or when the op accumulates.
  bool add;
  /// Null until the last stretch of the inner dimension.
  const Epilogue<T>* epilogue;
  /// The `nextCount` lines of B that will be packed after this block, fetched into the cache meanwhile. Only of floats:
  /// halves are few enough to come in time.
  Lines<float> next;
  size_t nextCount;
};

/// A block of a product that other kernels have summed, `rows x columns` with rows `SUMS_STRIDE` apart, to be finished.
constexpr size_t SUMS_STRIDE = 32;
template <typename T>
struct Sums {
  /// Overwritten on the way.
  float* sums;
  int rows, columns;
  /// The sum at row i and column j is multiplied by 2^(-rowExponents[i] - columnExponents[j]); both null, or neither.
  const float* rowExponents;
  const float* columnExponents;
  /// Added; null, or the first element of the block in a matrix with rows `stride` apart.
  const float* before;
  /// Where everything else lies and goes: `epilogue.out` is not null, its rows and those of all others are `stride` apart.
  Epilogue<T> epilogue;
  size_t stride;
};

/// One pass of an optimizer over `count` elements; unused state slots are null.
struct Update {
  Rule rule;
  double decay1;  ///< mu, rho or beta1; in double precision, because 1 - decay is what matters
  double decay2;  ///< beta2
  float epsilon, weightDecay;
  float rate, correction1, correction2, gradientScale;
  float* parameters;
  const float* gradients;
  float* state[2];
};

/// One step of a map: register `to` = function of registers a, b and c; those that it does not take are 0.
struct MapStep {
  MapFunction function;
  int to, a, b, c;
};

/// The address of a row of random numbers, as `RandomOp` says.
struct NoiseAt {
  uint32_t key[2];
  uint32_t row, step, stream;
};

/// The largest number of vectors that a tree sum takes.
constexpr size_t MOST_PARTS = size_t{1} << 16;
/// Floats of scratch memory that `treeSum` is given.
constexpr size_t TREE_SUM_SCRATCH = size_t{1} << 16;

/// What was found of a vector, as `Inspection` of src/collective/collective.ts.
struct Inspection {
  uint64_t checksum = 0;
  bool finite = true;
};

/// Kernels whose elements in memory are of T, which is Half or BFloat, where others have floats.
template <typename T>
struct NarrowKernels {
  void (*pack)(const Lines<T>& lines, size_t count, size_t depth, int width, int granularity, float* to);
  void (*multiply)(const Block<T>& block);
  void (*finish)(const Sums<T>& sums);
  void (*widen)(const T* input, float* out, size_t count);
  void (*narrow)(const float* input, T* out, size_t count);
  void (*sumRows)(const T* input, size_t rows, size_t stride, size_t columns, bool accumulate, float* out);
};

/// Loops over doubles, as kernels/doubles.h says.
struct DoubleKernels {
  double (*dot)(const double* a, const double* b, size_t count);
  void (*add)(double factor, const double* x, double* y, size_t count);
  double (*update)(double* row, double a, const double* w, double b, const double* v, const double* next, size_t count);
  void (*rotate)(double* lower, double* upper, double cosine, double sine, size_t count);
  void (*multiply)(const double* a, size_t stride, size_t rows, const double* panel, size_t depth, double* c,
                   size_t cStride, size_t columns);
};

struct Kernels {
  const char* isa;

  /// Size of the tile that the matrix kernel keeps in registers; `tileColumns` is two vectors of `lanes`, or more.
  int tileRows, tileColumns, lanes;
  /// Packs `count` lines into panels of `width`, `to[panel][position][line]`; the last panel is only as wide as it
  /// must be to hold the rest in multiples of `granularity`, filled up with zeros.
  void (*pack)(const Lines<float>& lines, size_t count, size_t depth, int width, int granularity, float* to);
  void (*multiply)(const Block<float>& block);
  void (*finish)(const Sums<float>& sums);

  void (*activate)(Activation activation, const float* input, float* out, size_t count);
  void (*activationGradient)(Activation activation, const float* at, const float* gradient, float* out, size_t count);
  /// Unscaled sum of the losses; writes scaled gradients unless `gradient` is null.
  double (*loss)(Loss loss, const float* input, const float* target, float scale, float* gradient, size_t count);
  void (*scale)(const float* input, float factor, float* out, size_t count);
  void (*scaleBytes)(const uint8_t* input, float factor, float* out, size_t count);
  void (*add)(const float* a, const float* b, float factor, float* out, size_t count);
  void (*fill)(float value, float* out, size_t count);
  double (*sumSquares)(const float* input, size_t count);
  double (*sum)(const float* input, size_t count);
  /// Of one element at least.
  float (*largest)(const float* input, size_t count);
  /// The sum of exp(input - shift).
  double (*sumExponentials)(const float* input, float shift, size_t count);
  /// `columns` random numbers of a row, from column 0 on.
  void (*noise)(Distribution distribution, const NoiseAt& at, float* out, size_t columns);
  /// `out[j] (+)= sum over rows of input[row * stride + j]`.
  void (*sumRows)(const float* input, size_t rows, size_t stride, size_t columns, bool accumulate, float* out);
  void (*update)(const Update& update, size_t begin, size_t end);
  /// Takes the steps in their order, each over `count` elements of its registers.
  void (*map)(const MapStep* steps, size_t stepCount, float* const* registers, size_t count);
  /// `out` = the tree sum of elements [begin, end) of `count` vectors, unless `out` is null; adds to what was found of
  /// each. Vectors have fewer than 2^31 elements.
  void (*treeSum)(const float* const* parts, size_t count, size_t begin, size_t end, float* out, Inspection* inspections,
                  float* scratch);

  NarrowKernels<Half> half;
  NarrowKernels<BFloat> bfloat;
  DoubleKernels doubles;

  template <typename T>
  const NarrowKernels<T>& narrowed() const {
    if constexpr (std::is_same_v<T, Half>) {
      return half;
    } else {
      return bfloat;
    }
  }
};

/// The instruction sets this binary holds and this chip runs, best first; never empty. The list ends with null.
const Kernels* const* availableKernels();

}  // namespace dawnpour
