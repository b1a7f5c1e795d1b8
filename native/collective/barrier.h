// A barrier in memory that processes share. Any process may die or stall at any moment. A process that waits too long closes the
// barrier. One atomic word decides whether all have passed, so either all processes go on or none does. A process that is resumed
// later finds a newer number in the word, and is refused.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dawnpour {

/// A view of the shared memory. It has no state of its own.
class Barrier {
 public:
  static constexpr size_t BYTES = 16;

  enum class State { waiting, passed, closed };

  /// `memory` has `BYTES` bytes, zero at first, and starts at a multiple of 8.
  explicit Barrier(std::byte* memory);

  /// Opens the barrier again, at `round`, and returns its new number.
  uint32_t open(uint32_t round) const;

  /// Closes the barrier that has this number: no process passes it any more.
  void close(uint32_t number) const;

  /// One of `parties` processes arrives in `round`. Returns `passed` to the last one, and all then go on to the next round.
  State arrive(uint32_t number, uint32_t round, uint32_t parties) const;

  /// Waits until all have arrived or the barrier is closed. Closes the barrier when the time is up. Never returns `waiting`.
  State wait(uint32_t number, uint32_t round, double milliseconds) const;

 private:
  State state(uint32_t number, uint32_t round) const;
  void changed() const;

  std::atomic<uint64_t>& word_;
  /// Counts the changes of the word. Processes that wait sleep on it.
  std::atomic<uint32_t>& changes_;
};

}  // namespace dawnpour
