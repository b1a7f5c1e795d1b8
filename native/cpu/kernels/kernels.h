// The kernels of one instruction set: the inner loops of every op. Each runs on one thread and on a plain range of memory. The
// ops split the work between threads. So kernels have no code about threads, and ops have none about instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "../../generated/names.h"
#include "bfloat.h"
#include "half.h"

namespace dawnpour {

/// Lines of a matrix operand, in place: position p of line i is `from[i * lineStride + p * depthStride]`, and one of the
/// strides is 1. A line of A is a row of op(A), and a line of B is a column of op(B).
///
/// Here and below T is the type of the elements in memory: float, Half or BFloat. Arithmetic is in float.
template <typename T>
struct Lines {
  const T* from;
  size_t lineStride, depthStride;
};

/// The epilogue: the ops on each finished value of a matrix product, in the order of `GemmOp`. Each pointer is to the element
/// for the first value of the current block. A missing part is null, and a missing function is linear.
template <typename T>
struct Epilogue {
  const float* bias = nullptr;
  T* preActivation = nullptr;
  Activation activation = Activation::linear;
  Activation derivative = Activation::linear;
  const T* at = nullptr;
  /// The place for finished values that have to be narrowed. Null if they stay in c.
  T* out = nullptr;

  bool empty() const { return !bias && !preActivation && activation == Activation::linear && !at && !out; }
};

/// `c (+)= a b`. The rows of c and of the matrices of the epilogue are `stride` apart.
template <typename T>
struct Block {
  /// The rows of a. If `packed`, panels of rows begin at `a.from`, and the strides of a have no meaning.
  Lines<float> a;
  bool packed;
  /// Packed panels of columns.
  const float* b;
  float* c;
  size_t stride;
  size_t rows, columns, depth;
  /// Whether to add to the values in c: from the second stretch of the inner dimension on, or if the op accumulates.
  bool add;
  /// Null until the last stretch of the inner dimension.
  const Epilogue<T>* epilogue;
  /// The `nextCount` lines of B that are packed after this block. The kernel prefetches them. This is done for floats only:
  /// lines of halves are so short that they arrive in time without it.
  Lines<float> next;
  size_t nextCount;
};

/// A block of a product that other kernels have summed and that still has to be finished. It is `rows x columns`, with rows
/// `SUMS_STRIDE` apart.
constexpr size_t SUMS_STRIDE = 32;
template <typename T>
struct Sums {
  /// The kernel overwrites these.
  float* sums;
  int rows, columns;
  /// The sum at row i and column j is multiplied by 2^(-rowExponents[i] - columnExponents[j]). Either both are null or neither.
  const float* rowExponents;
  const float* columnExponents;
  /// The values to add: null, or the first element of the block in a matrix with rows `stride` apart.
  const float* before;
  /// All other operands and the output. `epilogue.out` is not null. The rows of all its matrices are `stride` apart.
  Epilogue<T> epilogue;
  size_t stride;
};

/// One pass of an optimizer over a range of elements. Unused state slots are null.
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

/// What a step of a map does with its result t and another register d before it stores the result: t + d, t - d, d - t or t d.
/// `choose` is for a comparison: it stores c where the comparison holds, else d.
enum class MapThen : int { nothing, add, subtract, subtractFrom, multiply, choose };

/// One step of a map: register `to` = function(registers a, b and c), then `then`. Registers that the function does not take are
/// 0.
struct MapStep {
  MapFunction function;
  int to, a, b, c;
  MapThen then = MapThen::nothing;
  int d = 0;
};

/// The address of a row of random numbers, as `RandomOp` defines it.
struct NoiseAt {
  uint32_t key[2];
  uint32_t row, step, stream;
};

/// The largest number of vectors that a tree sum takes.
constexpr size_t MOST_PARTS = size_t{1} << 16;
/// The size in floats of the scratch memory for `treeSum`.
constexpr size_t TREE_SUM_SCRATCH = size_t{1} << 16;

/// The checksum of a vector and whether it is finite, like `Inspection` of src/collective/collective.ts.
struct Inspection {
  uint64_t checksum = 0;
  bool finite = true;
};

/// Kernels for elements in memory of type T, which is Half or BFloat. Other kernels have floats in memory.
template <typename T>
struct NarrowKernels {
  void (*pack)(const Lines<T>& lines, size_t count, size_t depth, int width, int granularity, float* to);
  void (*multiply)(const Block<T>& block);
  void (*finish)(const Sums<T>& sums);
  void (*widen)(const T* input, float* out, size_t count);
  void (*narrow)(const float* input, T* out, size_t count);
  void (*sumRows)(const T* input, size_t rows, size_t stride, size_t columns, bool accumulate, float* out);
};

/// Loops over doubles, see kernels/doubles.h.
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

  /// The size of the tile that the matrix kernel keeps in registers. `tileColumns` is at least two vectors of `lanes`.
  int tileRows, tileColumns, lanes;
  /// Packs `count` lines into panels of `width` lines: `to[panel][position][line]`. The width of the last panel is the number of
  /// remaining lines, rounded up to a multiple of `granularity`. The added lines are zeros.
  void (*pack)(const Lines<float>& lines, size_t count, size_t depth, int width, int granularity, float* to);
  void (*multiply)(const Block<float>& block);
  void (*finish)(const Sums<float>& sums);

  void (*activate)(Activation activation, const float* input, float* out, size_t count);
  void (*activationGradient)(Activation activation, const float* at, const float* gradient, float* out, size_t count);
  /// Returns the unscaled sum of the losses. Writes scaled gradients unless `gradient` is null.
  double (*loss)(Loss loss, const float* input, const float* target, float scale, float* gradient, size_t count);
  void (*scale)(const float* input, float factor, float* out, size_t count);
  void (*scaleBytes)(const uint8_t* input, float factor, float* out, size_t count);
  void (*add)(const float* a, const float* b, float factor, float* out, size_t count);
  void (*fill)(float value, float* out, size_t count);
  double (*sumSquares)(const float* input, size_t count);
  double (*sum)(const float* input, size_t count);
  /// The largest of at least one element.
  float (*largest)(const float* input, size_t count);
  /// The sum of exp(input - shift).
  double (*sumExponentials)(const float* input, float shift, size_t count);
  /// `columns` random numbers of a row, from column 0 on.
  void (*noise)(Distribution distribution, const NoiseAt& at, float* out, size_t columns);
  /// `out[j] (+)= sum over rows of input[row * stride + j]`.
  void (*sumRows)(const float* input, size_t rows, size_t stride, size_t columns, bool accumulate, float* out);
  void (*update)(const Update& update, size_t begin, size_t end);
  /// Runs the steps in order, each over `count` elements of its registers.
  void (*map)(const MapStep* steps, size_t stepCount, float* const* registers, size_t count);
  /// `out` = the tree sum of elements [begin, end) of `count` vectors, unless `out` is null. Also adds these elements to the
  /// inspection of each vector. Vectors have fewer than 2^31 elements.
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

/// The instruction sets that this binary has and this chip can run, the best first. There is at least one. Null ends the list.
const Kernels* const* availableKernels();

}  // namespace dawnpour
