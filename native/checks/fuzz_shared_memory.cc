// Calls the functions of shared memory and of the barrier in any order, on memory that another process may have overwritten. Sizes
// and offsets that do not fit must be refused, every wait must end, and the barrier must agree with its model.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <unistd.h>

#include "../collective/arrival.h"
#include "../process/shared_memory.h"
#include "bytes.h"

namespace dawnpour {
namespace {

constexpr size_t BYTES = 4096;
/// The shared memory: the barrier, then the entry of a worker.
constexpr size_t CHECKSUM = 64, LOSS = 72;

constexpr size_t EDGES[] = {0, 1, 8, 4095, 4096, 4097, 8192, size_t{1} << 31, size_t{1} << 47, size_t{1} << 62,
                            ~size_t{0}, ~size_t{0} - 4095, ~size_t{0} << 12};

/// Maps memory, and writes to its last byte.
void map(Bytes& bytes, int descriptor) {
  const size_t offset = bytes.of(EDGES), count = bytes.of(EDGES);
  try {
    auto* const data = static_cast<volatile std::byte*>(mapSharedMemory(descriptor, offset, count));
    HOLDS(count > 0 && offset < BYTES && count <= BYTES - offset);
    (void)data[0], (void)data[count - 1];
    unmapSharedMemory(const_cast<std::byte*>(data), count);
  } catch (const std::exception&) {
  }
}

void create(Bytes& bytes) {
  const size_t count = bytes.of(EDGES);
  try {
    const int descriptor = createSharedMemory(count);
    HOLDS(descriptor >= 0 && lseek(descriptor, 0, SEEK_END) == static_cast<off_t>(count));
    close(descriptor);
  } catch (const std::exception&) {
  }
}

/// The model of the barrier: its state as plain numbers.
struct Model {
  uint32_t number = 0, round = 0, arrived = 0;
  bool closed = false;

  Barrier::State arrive(uint32_t its, uint32_t at, uint32_t parties) {
    if (its != number || at != round || closed) return Barrier::State::closed;
    if (++arrived != parties) return Barrier::State::waiting;
    ++round;
    arrived = 0;
    return Barrier::State::passed;
  }

  /// A wait that only its own time limit ends.
  Barrier::State wait(uint32_t its, uint32_t at) {
    if (its != number) return Barrier::State::closed;
    if (at != round) return Barrier::State::passed;
    closed = true;
    return Barrier::State::closed;
  }
};

class Rounds {
 public:
  Rounds(Bytes& bytes, std::byte* memory) : bytes_(bytes), memory_(memory), barrier_(memory) { open(); }

  void step() {
    const uint32_t number = bytes_.once(4) ? bytes_.take<uint32_t>() : model_.number;
    const uint32_t round = bytes_.once(4) ? model_.round - 1 : model_.round;
    const auto parties = static_cast<uint32_t>(1 + bytes_.below(4));
    switch (bytes_.below(6)) {
      case 0:
        return open();
      case 1:
        barrier_.close(number);
        if (number == model_.number) model_.closed = true;
        return;
      case 2:
        HOLDS(barrier_.arrive(number, round, parties) == model_.arrive(number, round, parties));
        return;
      case 3:
        HOLDS(barrier_.wait(number, round, milliseconds()) == model_.wait(number, round));
        return;
      case 4:
        return pass(number, round, parties);
      default:
        // Another process may write anything. The barrier must work again after it is opened.
        for (size_t i = 0; i < Barrier::BYTES; ++i) memory_[i] = static_cast<std::byte>(bytes_.take<uint8_t>());
        HOLDS(barrier_.wait(number, round, 0) != Barrier::State::waiting);
        return open();
    }
  }

 private:
  void open() {
    model_ = {0, bytes_.take<uint32_t>(), 0, false};
    model_.number = barrier_.open(model_.round);
  }

  void pass(uint32_t number, uint32_t round, uint32_t parties) {
    auto* const checksum = reinterpret_cast<uint64_t*>(memory_ + CHECKSUM);
    auto* const loss = reinterpret_cast<double*>(memory_ + LOSS);
    const Arrival arrival{barrier_, checksum, loss, number, round, parties, milliseconds()};
    Barrier::State expected = model_.arrive(number, round, parties);
    if (expected == Barrier::State::waiting) expected = model_.wait(number, round);
    HOLDS(arrival.pass(round, 0.5) == (expected == Barrier::State::passed));
    HOLDS(*checksum == round && *loss == 0.5);
  }

  /// Returns at once.
  double milliseconds() {
    constexpr double choices[] = {0, 0.001, -1, -1e300, -INFINITY, NAN};
    return bytes_.of(choices);
  }

  Bytes& bytes_;
  std::byte* memory_;
  Barrier barrier_;
  Model model_;
};

void run(Bytes& bytes) {
  const int descriptor = createSharedMemory(BYTES);
  auto* const memory = static_cast<std::byte*>(mapSharedMemory(descriptor, 0, BYTES));
  Rounds rounds(bytes, memory);
  while (!bytes.empty()) {
    if (bytes.once(8)) map(bytes, bytes.once(8) ? -1 : descriptor);
    if (bytes.once(16)) create(bytes);
    rounds.step();
  }
  unmapSharedMemory(memory, BYTES);
  close(descriptor);
}

}  // namespace
}  // namespace dawnpour

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dawnpour::Bytes bytes(data, size);
  dawnpour::run(bytes);
  return 0;
}
