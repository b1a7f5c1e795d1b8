// A formula over elements. All steps are computed for one block of elements, then for the next block.
#include <algorithm>
#include <utility>

#include "floats.h"
#include "ops.h"
#include "split.h"

namespace dawnpour {
namespace {

/// The most elements of a register. That is 4 KiB, so the registers of most formulas fit in the first cache.
constexpr size_t MAP_BLOCK = 1024;

/// Floats of a cache line. A block begins at a cache line, and has room for a whole vector even if it has one element.
constexpr size_t LINE = 16;

/// Floats in the space of one pointer.
constexpr size_t POINTER = (sizeof(float*) + sizeof(float) - 1) / sizeof(float);
static_assert(Team::OWN_SCRATCH / MOST_REGISTERS >= LINE + POINTER);

/// The registers of a map, for one thread. A register is a block in the thread's scratch memory, or the memory of an operand
/// itself.
class Registers {
 public:
  Registers(const Kernels& kernels, const MapOperands& o, float* scratch) : kernels_(kernels), o_(o) {
    const size_t count = static_cast<size_t>(o.registers);
    const size_t pointers = (count * POINTER + LINE - 1) / LINE * LINE;
    block_ = std::min(MAP_BLOCK, (Team::OWN_SCRATCH - pointers) / count / LINE * LINE);
    float* const blocks = scratch + pointers;
    // A step reads register 0 for an operand that it does not have, perhaps before that register is filled. So it begins as zeros.
    std::fill_n(blocks, block_, 0.0f);
    registers_ = reinterpret_cast<float**>(scratch);
    for (size_t i = 0; i < count; ++i) registers_[i] = blocks + i * block_;
    for (size_t i = 0; i < o.constants.size(); ++i) std::fill_n(registers_[o.inputs.size() + i], block_, o.constants[i]);
    for (size_t i = 0; i < o.inputs.size(); ++i) {
      if (o.inputs[i].count() == 1) std::fill_n(registers_[i], block_, elementOf(o.inputs[i], 0));
    }
  }

  size_t block() const { return block_; }

  /// Computes elements [first, first + count) of the output, at most one block.
  void run(size_t first, size_t count) {
    for (size_t i = 0; i < o_.inputs.size(); ++i) fetch(i, first, count);
    float*& out = registers_[o_.steps.back().to];
    float* const block = out;
    if (!o_.out.narrow()) out = o_.out.at() + first;
    for (const MapOperands::Other& other : o_.others) {
      if (!other.view.narrow()) registers_[other.number] = other.view.at() + first;
    }
    kernels_.map(o_.steps.data(), o_.steps.size(), registers_, count);
    if (o_.out.narrow()) narrowTo(kernels_, out, o_.out, first, count);
    for (const MapOperands::Other& other : o_.others) {
      if (other.view.narrow()) narrowTo(kernels_, registers_[other.number], other.view, first, count);
    }
    out = block;
  }

 private:
  float elementOf(const View& input, size_t i) const {
    if (!input.narrow()) return input.at()[i];
    float element;
    widen(kernels_, input, i, &element, 1);
    return element;
  }

  /// Loads elements of an input into its register. The constructor has loaded inputs of one element.
  void fetch(size_t i, size_t first, size_t count) {
    const View& input = o_.inputs[i];
    if (input.rows == o_.out.rows && input.columns == o_.out.columns) {
      if (input.narrow()) widen(kernels_, input, first, registers_[i], count);
      else registers_[i] = input.at() + first;
    } else if (input.count() > 1) {
      spread(input, first, count, registers_[i]);
    }
  }

  /// Broadcasts a row or a column to the elements [first, first + count) of the output.
  void spread(const View& input, size_t first, size_t count, float* to) const {
    const size_t columns = o_.out.columns;
    for (size_t k = 0; k < count;) {
      const size_t row = (first + k) / columns, column = (first + k) % columns, run = std::min(columns - column, count - k);
      if (input.rows > 1) std::fill_n(to + k, run, elementOf(input, row));
      else if (input.narrow()) widen(kernels_, input, column, to + k, run);
      else std::copy_n(input.at() + column, run, to + k);
      k += run;
    }
  }

  const Kernels& kernels_;
  const MapOperands& o_;
  float** registers_;
  size_t block_;
};

/// Whether a step from `first` on reads a register before a step writes to it.
bool isRead(const std::vector<MapStep>& steps, size_t first, int number) {
  for (size_t i = first; i < steps.size(); ++i) {
    const MapStep& step = steps[i];
    const bool more = step.then != MapThen::nothing && step.d == number;
    if (step.a == number || step.b == number || step.c == number || more) return true;
    if (step.to == number) return false;
  }
  return false;
}

/// How `step` combines `result` with another register, if it is a sum, difference or product of the two.
MapThen thenOf(const MapStep& step, int result) {
  if ((step.a == result) == (step.b == result)) return MapThen::nothing;
  switch (step.function) {
    case MapFunction::add: return MapThen::add;
    case MapFunction::mul: return MapThen::multiply;
    case MapFunction::sub: return step.a == result ? MapThen::subtract : MapThen::subtractFrom;
    default: return MapThen::nothing;
  }
}

/// The index of the comparison that gives the condition of the choice at `index`. No other step reads the comparison's result, and
/// no step between the two changes its operands. Returns `index` itself if there is no such comparison.
size_t comparisonOf(const std::vector<MapStep>& steps, size_t index) {
  const MapStep& choice = steps[index];
  if (choice.function != MapFunction::where || choice.b == choice.a || choice.c == choice.a) return index;
  for (size_t i = index; i-- > 0;) {
    const MapStep& step = steps[i];
    if (step.to != choice.a) continue;
    const bool alone = step.function == MapFunction::less && (choice.to == choice.a || !isRead(steps, index + 1, choice.a));
    for (size_t k = i + 1; k < index; ++k) {
      const MapStep& other = steps[k];
      if (other.a == choice.a || other.b == choice.a || other.c == choice.a || other.d == choice.a) return index;
      if (other.to == step.a || other.to == step.b) return index;
    }
    return alone ? i : index;
  }
  return index;
}

/// Makes a comparison part of the choice that uses it, where no other step uses it.
std::vector<MapStep> withComparisons(std::vector<MapStep> steps, const std::vector<MapOperands::Other>& stored) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const size_t from = comparisonOf(steps, i);
    const auto isIt = [&](const auto& other) { return other.number == steps[i].a; };
    if (from == i || std::any_of(stored.begin(), stored.end(), isIt)) continue;
    const MapStep choice = steps[i], comparison = steps[from];
    steps[i] = {MapFunction::less, choice.to, comparison.a, comparison.b, choice.b, MapThen::choose, choice.c};
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(from));
    --i;
  }
  return steps;
}

/// Makes a sum, difference or product part of the step before it, where no other step reads that step's result. This saves a store
/// and a load. Each operation still rounds by itself, so the bits are the same.
std::vector<MapStep> joined(const std::vector<MapStep>& steps, const std::vector<MapOperands::Other>& stored) {
  std::vector<MapStep> all;
  const auto isStored = [&](int number) {
    return std::any_of(stored.begin(), stored.end(), [=](const auto& other) { return other.number == number; });
  };
  for (size_t i = 0; i < steps.size(); ++i) {
    MapStep step = steps[i];
    if (i + 1 < steps.size() && step.then == MapThen::nothing) {
      const MapStep& next = steps[i + 1];
      const MapThen then = next.then == MapThen::nothing ? thenOf(next, step.to) : MapThen::nothing;
      if (then != MapThen::nothing && !isStored(step.to) && (next.to == step.to || !isRead(steps, i + 2, step.to))) {
        step.then = then;
        step.d = next.a == step.to ? next.b : next.a;
        step.to = next.to;
        ++i;
      }
    }
    all.push_back(step);
  }
  return all;
}

}  // namespace

OpPointer mapOp(const Kernels& kernels, MapOperands operands) {
  operands.steps = joined(withComparisons(std::move(operands.steps), operands.others), operands.others);
  const auto shared = std::make_shared<const MapOperands>(std::move(operands));
  return std::make_unique<ForEach>(shared->out.count(), 1, [shared, &kernels](size_t begin, size_t end, float* scratch) {
    Registers registers(kernels, *shared, scratch);
    const size_t block = registers.block();
    for (size_t i = begin; i < end; i += block) registers.run(i, std::min(block, end - i));
  });
}

}  // namespace dawnpour
