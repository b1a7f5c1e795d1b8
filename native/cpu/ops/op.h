// An op of a compiled program. Its operands are memory, and its work is split between the threads of a team.
//
// The split never changes a bit of the result: sums run over stretches of fixed size, whose results are added in order, and
// everything else computes each element by itself. A small op runs on one thread. Only its size decides whether it is small.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "../kernels/kernels.h"
#include "../threads/team.h"

namespace dawnpour {

constexpr size_t bytesOf(Type type) { return TYPE_BYTES[static_cast<int>(type)]; }

/// A dense matrix in a buffer, as in `View` of buffer.ts.
struct View {
  std::byte* data = nullptr;
  Type type = Type::f32;
  size_t offset = 0, rows = 0, columns = 0;
  /// The cursor that moves the view, and the number of entries of its table. A cursor past the end means the last entry.
  const uint32_t* cursor = nullptr;
  size_t entries = 1;

  /// Whether its elements are narrow floats, which are widened before arithmetic.
  bool narrow() const { return type == Type::f16 || type == Type::bf16; }
  explicit operator bool() const { return data != nullptr; }
  size_t count() const { return rows * columns; }

  template <typename T = float>
  T* at() const {
    const size_t entry = cursor ? std::min<size_t>(*cursor, entries - 1) : 0;
    return reinterpret_cast<T*>(data + (offset + entry * count()) * bytesOf(type));
  }
};

/// Calls `use` with a value of the C++ type of the elements of `view`, which are narrow floats.
template <typename Use>
auto withNarrow(const View& view, Use use) {
  return view.type == Type::f16 ? use(Half{}) : use(BFloat{});
}

/// One thread of the team at work on an op.
struct Worker {
  Team& team;
  int thread;
};

class Op {
 public:
  virtual ~Op() = default;
  /// Whether all threads run the op. If not, only thread 0 does.
  virtual bool parallel() const = 0;
  virtual void run(Worker worker) = 0;
};

}  // namespace dawnpour
