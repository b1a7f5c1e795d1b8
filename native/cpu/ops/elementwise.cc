// Ops that compute each element by itself.
#include "ops.h"

#include <cstring>

#include "floats.h"
#include "split.h"

namespace dawnpour {

OpPointer gatherOp(const Kernels& kernels, const View& source, const View& rows, float scale, const View& out) {
  return std::make_unique<ForEach>(out.rows, out.columns, [=, &kernels](size_t begin, size_t end) {
    const uint32_t* numbers = rows.at<uint32_t>();
    for (size_t i = begin; i < end; ++i) {
      const size_t start = std::min<size_t>(numbers[i], source.rows - 1) * source.columns, first = i * out.columns;
      const auto scaled = [&](size_t at, const auto&, float* to, size_t count) {
        if (source.type == Type::u8) {
          kernels.scaleBytes(source.at<uint8_t>() + start + at - first, scale, to, count);
        } else {
          kernels.scale(source.at() + start + at - first, scale, to, count);
        }
      };
      asFloats<0>(kernels, {}, out, first, first + out.columns, scaled);
    }
  });
}

OpPointer activateOp(const Kernels& kernels, Activation activation, const View& input, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.activate(activation, input.at() + begin, out.at() + begin, end - begin);
  });
}

OpPointer activationGradientOp(const Kernels& kernels, Activation activation, const View& at, const View& gradient,
                               const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    asFloats<2>(kernels, {at, gradient}, out, begin, end, [&](size_t, const auto& in, float* to, size_t count) {
      kernels.activationGradient(activation, in[0], in[1], to, count);
    });
  });
}

OpPointer scaleOp(const Kernels& kernels, const View& input, float factor, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.scale(input.at() + begin, factor, out.at() + begin, end - begin);
  });
}

OpPointer addOp(const Kernels& kernels, const View& a, const View& b, float factor, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.add(a.at() + begin, b.at() + begin, factor, out.at() + begin, end - begin);
  });
}

namespace {

/// Converts whole numbers to floats.
void copyWhole(const Kernels& kernels, const View& input, const View& out, size_t begin, size_t end) {
  asFloats<0>(kernels, {}, out, begin, end, [&](size_t i, const auto&, float* to, size_t count) {
    if (input.type == Type::u8) return kernels.scaleBytes(input.at<uint8_t>() + i, 1, to, count);
    for (size_t k = 0; k < count; ++k) to[k] = static_cast<float>(input.at<uint32_t>()[i + k]);
  });
}

}  // namespace

OpPointer copyOp(const Kernels& kernels, const View& input, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    if (input.type == Type::u8 || input.type == Type::u32) {
      copyWhole(kernels, input, out, begin, end);
    } else if (input.type == out.type) {
      const size_t size = bytesOf(input.type);
      std::memmove(out.at<std::byte>() + begin * size, input.at<std::byte>() + begin * size, (end - begin) * size);
    } else if (!out.narrow()) {
      widen(kernels, input, begin, out.at() + begin, end - begin);
    } else if (!input.narrow()) {
      narrowTo(kernels, input.at() + begin, out, begin, end - begin);
    } else {
      asFloats<1>(kernels, {input}, out, begin, end, [&](size_t, const auto& in, float* to, size_t count) {
        std::memcpy(to, in[0], count * sizeof(float));
      });
    }
  });
}

OpPointer fillOp(const Kernels& kernels, float value, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    kernels.fill(value, out.at() + begin, end - begin);
  });
}

}  // namespace dawnpour
