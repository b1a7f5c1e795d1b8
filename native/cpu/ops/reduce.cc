// Ops that reduce many elements. Sums over all elements are in double precision, in the order of their stretches.
#include <cmath>

#include "floats.h"
#include "ops.h"
#include "split.h"

namespace dawnpour {

OpPointer sumRowsOp(const Kernels& kernels, const View& input, bool accumulate, const View& out) {
  // One cache line of columns at a time, with all its rows: no column is split.
  constexpr size_t strip = 16;
  return std::make_unique<ForEach>((out.columns + strip - 1) / strip, strip * input.rows,
                                   [=, &kernels](size_t begin, size_t end) {
                                     const size_t first = begin * strip, last = std::min(end * strip, out.columns);
                                     const auto sum = [&](auto rowsOf, const auto* from) {
                                       rowsOf(from + first, input.rows, input.columns, last - first, accumulate,
                                              out.at() + first);
                                     };
                                     if (input.narrow()) {
                                       withNarrow(input, [&](auto type) {
                                         using T = decltype(type);
                                         sum(kernels.narrowed<T>().sumRows, input.at<T>());
                                       });
                                     } else {
                                       sum(kernels.sumRows, input.at());
                                     }
                                   });
}

namespace {

/// The reduction of a range of elements: a maximum, or a sum before it is rounded to a float.
double reduceRun(const Kernels& kernels, Reduction by, const View& input, size_t begin, size_t end) {
  double result = by == Reduction::max ? -INFINITY : 0;
  asFloats<1>(kernels, {input}, {}, begin, end, [&](size_t, const auto& in, float*, size_t count) {
    if (by == Reduction::max) result = std::max(result, static_cast<double>(kernels.largest(in[0], count)));
    else result += kernels.sum(in[0], count);
  });
  return result;
}

/// The most columns that are reduced at once. Their results are on the stack, because a job must not allocate.
constexpr size_t REDUCED_COLUMNS = 1024;

/// Reduces columns [first, last), at most REDUCED_COLUMNS, over all rows of the input, one row after the other.
void reduceColumns(const Kernels& kernels, Reduction by, const View& input, const View& out, size_t first, size_t last) {
  const size_t width = last - first;
  double results[REDUCED_COLUMNS];
  std::fill_n(results, width, by == Reduction::max ? -INFINITY : 0);
  for (size_t row = 0; row < input.rows; ++row) {
    const size_t start = row * input.columns + first;
    asFloats<1>(kernels, {input}, {}, start, start + width, [&](size_t i, const auto& in, float*, size_t count) {
      double* const to = results + (i - start);
      for (size_t k = 0; k < count; ++k) {
        const double x = in[0][k];
        to[k] = by == Reduction::max ? std::max(to[k], x) : to[k] + x;
      }
    });
  }
  const double length = by == Reduction::mean ? static_cast<double>(input.rows) : 1;
  for (size_t k = 0; k < width; ++k) out.at()[first + k] = static_cast<float>(results[k] / length);
}

}  // namespace

OpPointer reduceOp(const Kernels& kernels, Reduction by, Reduced over, const View& input, const View& out) {
  if (over == Reduced::rows) {
    // Threads take whole cache lines of columns, with all their rows: no column is split.
    constexpr size_t strip = 16;
    return std::make_unique<ForEach>((out.columns + strip - 1) / strip, strip * input.rows, [=, &kernels](size_t begin, size_t end) {
      const size_t last = std::min(end * strip, out.columns);
      for (size_t first = begin * strip; first < last; first += REDUCED_COLUMNS) {
        reduceColumns(kernels, by, input, out, first, std::min(first + REDUCED_COLUMNS, last));
      }
    });
  }
  const auto finished = [=](double result, size_t length) {
    return static_cast<float>(by == Reduction::mean ? result / static_cast<double>(length) : result);
  };
  if (over == Reduced::columns) {
    return std::make_unique<ForEach>(input.rows, input.columns, [=, &kernels](size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) {
        const size_t first = row * input.columns;
        out.at()[row] = finished(reduceRun(kernels, by, input, first, first + input.columns), input.columns);
      }
    });
  }
  if (by == Reduction::max) {
    return std::make_unique<Single>([=, &kernels] {
      *out.at() = static_cast<float>(reduceRun(kernels, by, input, 0, input.count()));
    });
  }
  return std::make_unique<Sum>(
      input.count(), [=, &kernels](size_t begin, size_t end) { return reduceRun(kernels, by, input, begin, end); },
      [=](double sum) { *out.at() = finished(sum, input.count()); });
}

OpPointer exampleNormsOp(const Kernels& kernels, const View& input, const View& gradient, bool bias, bool accumulate,
                         const View& out) {
  const auto squares = [&kernels](const View& view, size_t row) {
    double sum = 0;
    asFloats<1>(kernels, {view}, {}, row * view.columns, (row + 1) * view.columns,
                [&](size_t, const auto& in, float*, size_t count) { sum += kernels.sumSquares(in[0], count); });
    return sum;
  };
  return std::make_unique<ForEach>(out.rows, input.columns + gradient.columns, [=](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const double norm = (squares(input, i) + (bias ? 1 : 0)) * squares(gradient, i);
      out.at()[i] = (accumulate ? out.at()[i] : 0.0f) + static_cast<float>(norm);
    }
  });
}

OpPointer normOp(const Kernels& kernels, const View& input, const View& out) {
  return std::make_unique<Sum>(
      input.count(),
      [=, &kernels](size_t begin, size_t end) { return kernels.sumSquares(input.at() + begin, end - begin); },
      [=](double sum) { *out.at() = static_cast<float>(std::sqrt(sum)); });
}

}  // namespace dawnpour
