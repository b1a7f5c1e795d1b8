#include "ops.h"

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "split.h"

namespace dawnpour {
namespace {

/// Elements that are widened before, or narrowed after, a kernel of floats in one go: few enough for the first cache.
constexpr size_t PIECE = 1024;

/// Elements from i on of a view of narrow floats, to floats and back.
void widen(const Kernels& kernels, const View& from, size_t i, float* to, size_t count) {
  withNarrow(from, [&](auto type) {
    using T = decltype(type);
    kernels.narrowed<T>().widen(from.at<T>() + i, to, count);
  });
}
void narrowTo(const Kernels& kernels, const float* from, const View& to, size_t i, size_t count) {
  withNarrow(to, [&](auto type) {
    using T = decltype(type);
    kernels.narrowed<T>().narrow(from, to.at<T>() + i, count);
  });
}

/// Calls `body(i, inputs, out, count)` for `count` elements from i on, piece by piece until `end`, with pointers to floats:
/// into the operands themselves or, where they are narrower, into copies. An absent `out` is null.
template <size_t inputs, typename Body>
void asFloats(const Kernels& kernels, const std::array<View, inputs>& in, const View& out, size_t begin, size_t end,
              Body body) {
  bool narrow = out && out.narrow();
  for (const View& view : in) narrow = narrow || view.narrow();
  std::array<std::array<float, PIECE>, inputs + 1> copies;
  std::array<const float*, inputs> from;
  const size_t step = narrow ? PIECE : end - begin;
  for (size_t i = begin; i < end; i += step) {
    const size_t count = std::min(step, end - i);
    for (size_t k = 0; k < inputs; ++k) {
      from[k] = in[k].narrow() ? copies[k].data() : in[k].at() + i;
      if (in[k].narrow()) widen(kernels, in[k], i, copies[k].data(), count);
    }
    const bool narrows = out && out.narrow();
    float* const to = narrows ? copies[inputs].data() : out ? out.at() + i : nullptr;
    body(i, from, to, count);
    if (narrows) narrowTo(kernels, to, out, i, count);
  }
}

}  // namespace

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

OpPointer lossOp(const Kernels& kernels, Loss loss, const View& input, const View& target, float scale,
                 const View& total, const View& gradient, const View& gradientScale) {
  return std::make_unique<Sum>(
      input.count(),
      [=, &kernels](size_t begin, size_t end) {
        const float factor = gradientScale ? scale * *gradientScale.at() : scale;
        double sum = 0;
        asFloats<2>(kernels, {input, target}, gradient, begin, end,
                    [&](size_t, const auto& in, float* to, size_t count) {
                      sum += kernels.loss(loss, in[0], in[1], factor, to, count);
                    });
        return sum;
      },
      [=](double sum) { *total.at() = static_cast<float>(sum * static_cast<double>(scale)); });
}

OpPointer sumRowsOp(const Kernels& kernels, const View& input, bool accumulate, const View& out) {
  // One cache line of columns at a time, all rows of it: no column is split.
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

/// What is put together of a run of elements: a sum that is not rounded yet, or a maximum.
double reduceRun(const Kernels& kernels, Reduction by, const View& input, size_t begin, size_t end) {
  double result = by == Reduction::max ? -INFINITY : 0;
  asFloats<1>(kernels, {input}, {}, begin, end, [&](size_t, const auto& in, float*, size_t count) {
    if (by == Reduction::max) result = std::max(result, static_cast<double>(kernels.largest(in[0], count)));
    else result += kernels.sum(in[0], count);
  });
  return result;
}

/// Columns that are reduced at once: their results lie on the stack, for a job must not allocate.
constexpr size_t REDUCED_COLUMNS = 1024;

/// Columns [first, last) of an output over rows, at most REDUCED_COLUMNS: each row of the input in turn.
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
    // Threads take whole cache lines of columns, all rows of them: no column is split.
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

OpPointer updateOp(const Kernels& kernels, const UpdateOperands& o) {
  return std::make_unique<ForEach>(o.parameters.count(), 1, [=, &kernels](size_t begin, size_t end) {
    // A factor of 0 is that of a step to be left out.
    for (const View& factor : {o.gradientScale, o.gate}) {
      if (factor && *factor.at() == 0.0f) return;
    }
    const float* scalars = o.scalars.at();
    kernels.update({o.rule, o.decay1, o.decay2, o.epsilon, o.weightDecay, scalars[0], scalars[1], scalars[2],
                    o.gradientScale ? *o.gradientScale.at() : 1.0f, o.parameters.at(), o.gradients.at(),
                    {o.state[0] ? o.state[0].at() : nullptr, o.state[1] ? o.state[1].at() : nullptr}},
                   begin, end);
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

OpPointer copyOp(const Kernels& kernels, const View& input, const View& out) {
  return std::make_unique<ForEach>(out.count(), 1, [=, &kernels](size_t begin, size_t end) {
    if (input.type == out.type) {
      const size_t size = bytesOf(input.type);
      std::memcpy(out.at<std::byte>() + begin * size, input.at<std::byte>() + begin * size, (end - begin) * size);
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

OpPointer normOp(const Kernels& kernels, const View& input, const View& out) {
  return std::make_unique<Sum>(
      input.count(),
      [=, &kernels](size_t begin, size_t end) { return kernels.sumSquares(input.at() + begin, end - begin); },
      [=](double sum) { *out.at() = static_cast<float>(std::sqrt(sum)); });
}

OpPointer clipFactorOp(const View& norm, float maximum, const View& out) {
  // A norm of 0 gives infinity, hence 1; a norm of NaN stays NaN.
  return std::make_unique<Single>([=] {
    const float factor = maximum / *norm.at();
    *out.at() = factor > 1.0f ? 1.0f : factor;
  });
}

OpPointer lossScaleOp(const View& norm, const View& state, float maximum, float interval, const View& out) {
  return std::make_unique<Single>([=] {
    float &scale = state.at()[0], &steps = state.at()[1];
    const float length = *norm.at();
    if (!std::isfinite(length)) {
      *out.at() = 0;
      scale = std::max(LEAST_LOSS_SCALE, scale / 2);
      steps = 0;
      return;
    }
    const bool clips = maximum > 0 && length > maximum * scale;
    *out.at() = clips ? maximum / length : 1 / scale;
    if (++steps < interval) return;
    scale = std::min(GREATEST_LOSS_SCALE, 2 * scale);
    steps = 0;
  });
}

OpPointer guardOp(const View& norm, const View& loss, const View& state, const View& out) {
  return std::make_unique<Single>([=] {
    float &open = state.at()[0], &steps = state.at()[1];
    if (!std::isfinite(*norm.at()) || !std::isfinite(*loss.at())) open = 0;
    *out.at() = open;
    steps += open;
  });
}

namespace {

/// Elements that a map takes through all its steps at a time: a register of them is 2 KiB.
constexpr size_t MAP_BLOCK = 512;

/// The memory of a map on one thread: a block for each register that is not simply where an operand lies.
class MapBlocks {
 public:
  MapBlocks(const Kernels& kernels, const MapOperands& o)
      : kernels_(kernels), o_(o), blocks_(o.registers * MAP_BLOCK), registers_(o.registers), wide_(o.inputs.size()) {
    for (size_t i = 0; i < registers_.size(); ++i) registers_[i] = blocks_.data() + i * MAP_BLOCK;
    for (size_t i = 0; i < o.constants.size(); ++i) {
      std::fill_n(registers_[o.inputs.size() + i], MAP_BLOCK, o.constants[i]);
    }
    for (size_t i = 0; i < o.inputs.size(); ++i) {
      if (whole(o.inputs[i])) continue;
      const View& input = o.inputs[i];
      wide_[i].resize(input.count());
      if (input.narrow()) widen(kernels_, input, 0, wide_[i].data(), input.count());
      else std::copy_n(input.at(), input.count(), wide_[i].data());
      if (input.count() == 1) std::fill_n(registers_[i], MAP_BLOCK, wide_[i][0]);
    }
  }

  void run(size_t first, size_t count) {
    for (size_t i = 0; i < o_.inputs.size(); ++i) fetch(i, first, count);
    float*& out = registers_[o_.steps.back().to];
    float* const block = out;
    if (!o_.out.narrow()) out = o_.out.at() + first;
    kernels_.map(o_.steps.data(), o_.steps.size(), registers_.data(), count);
    if (o_.out.narrow()) narrowTo(kernels_, out, o_.out, first, count);
    out = block;
  }

 private:
  bool whole(const View& input) const { return input.rows == o_.out.rows && input.columns == o_.out.columns; }

  void fetch(size_t i, size_t first, size_t count) {
    const View& input = o_.inputs[i];
    const size_t columns = o_.out.columns;
    if (whole(input)) {
      if (input.narrow()) widen(kernels_, input, first, registers_[i], count);
      else registers_[i] = input.at() + first;
    } else if (input.count() > 1) {
      const float* const from = wide_[i].data();
      for (size_t k = 0; k < count;) {
        const size_t row = (first + k) / columns, column = (first + k) % columns, run = std::min(columns - column, count - k);
        if (input.rows > 1) std::fill_n(registers_[i] + k, run, from[row]);
        else std::copy_n(from + column, run, registers_[i] + k);
        k += run;
      }
    }
  }

  const Kernels& kernels_;
  const MapOperands& o_;
  std::vector<float> blocks_;
  std::vector<float*> registers_;
  /// Of inputs that are broadcast, all elements.
  std::vector<std::vector<float>> wide_;
};

}  // namespace

OpPointer mapOp(const Kernels& kernels, MapOperands operands) {
  const auto shared = std::make_shared<const MapOperands>(std::move(operands));
  return std::make_unique<ForEach>(shared->out.count(), 1, [shared, &kernels](size_t begin, size_t end) {
    MapBlocks blocks(kernels, *shared);
    for (size_t i = begin; i < end; i += MAP_BLOCK) blocks.run(i, std::min(MAP_BLOCK, end - i));
  });
}

OpPointer advanceOp(const View& cursor) {
  return std::make_unique<Single>([=] { ++*cursor.at<uint32_t>(); });
}

}  // namespace dawnpour
