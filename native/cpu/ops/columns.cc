// Ops that move elements between columns: to or from the column of a label, or whole columns. The builder refuses operands that
// overlap, but other programs may have them: hence memmove.
#include <cstring>

#include "ops.h"
#include "split.h"

namespace dawnpour {
namespace {

/// The column that label i names. A label past the end names the last column.
size_t columnOf(const View& labels, size_t i, size_t columns) {
  const auto bounded = [=](size_t label) { return std::min(label, columns - 1); };
  if (labels.type == Type::u8) return bounded(labels.at<uint8_t>()[i]);
  if (labels.type == Type::u32) return bounded(labels.at<uint32_t>()[i]);
  const float label = labels.at()[i];
  if (!(label > 0)) return 0;
  return label < static_cast<float>(columns) ? bounded(static_cast<size_t>(label)) : columns - 1;
}

/// Calls `use` with an integer as large as an element of the type.
template <typename Use>
void withSize(Type type, Use use) {
  if (bytesOf(type) == 2) use(uint16_t{});
  else use(uint32_t{});
}

/// Rows and columns that are transposed at a time: both sides of a tile stay in the first cache.
constexpr size_t TILE = 32;

template <typename T>
void transposeRows(const T* input, T* out, size_t rows, size_t columns, size_t begin, size_t end) {
  for (size_t first = begin; first < end; first += TILE) {
    const size_t last = std::min(first + TILE, end);
    for (size_t column = 0; column < columns; column += TILE) {
      for (size_t i = first; i < last; ++i) {
        for (size_t j = column; j < std::min(column + TILE, columns); ++j) out[i * columns + j] = input[j * rows + i];
      }
    }
  }
}

}  // namespace

OpPointer oneHotOp(const View& labels, const View& values, const View& out) {
  return std::make_unique<ForEach>(out.rows, out.columns, [=](size_t begin, size_t end) {
    float* const to = out.at();
    std::fill(to + begin * out.columns, to + end * out.columns, 0.0f);
    for (size_t i = begin; i < end; ++i) {
      to[i * out.columns + columnOf(labels, i, out.columns)] = values ? values.at()[i] : 1.0f;
    }
  });
}

OpPointer takeOp(const Kernels& kernels, const View& input, const View& labels, const View& out) {
  return std::make_unique<ForEach>(out.rows, 1, [=, &kernels](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const size_t at = i * input.columns + columnOf(labels, i, input.columns);
      if (input.narrow()) {
        withNarrow(input, [&](auto type) {
          using T = decltype(type);
          kernels.narrowed<T>().widen(input.at<T>() + at, out.at() + i, 1);
        });
      } else {
        out.at()[i] = input.at()[at];
      }
    }
  });
}

OpPointer transposeOp(const View& input, const View& out) {
  return std::make_unique<ForEach>(out.rows, out.columns, [=](size_t begin, size_t end) {
    withSize(out.type, [&](auto element) {
      using T = decltype(element);
      transposeRows(input.at<T>(), out.at<T>(), out.rows, out.columns, begin, end);
    });
  });
}

OpPointer sliceColumnsOp(const View& input, size_t first, const View& out) {
  const size_t size = bytesOf(out.type);
  return std::make_unique<ForEach>(out.rows, out.columns, [=](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      std::memmove(out.at<std::byte>() + i * out.columns * size, input.at<std::byte>() + (i * input.columns + first) * size,
                  out.columns * size);
    }
  });
}

OpPointer concatOp(std::vector<View> inputs, const View& out) {
  const size_t size = bytesOf(out.type);
  return std::make_unique<ForEach>(out.rows, out.columns, [=](size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      std::byte* to = out.at<std::byte>() + i * out.columns * size;
      for (const View& input : inputs) {
        const size_t bytes = input.columns * size;
        std::memmove(to, input.at<std::byte>() + i * bytes, bytes);
        to += bytes;
      }
    }
  });
}

}  // namespace dawnpour
