// A barrier in memory that processes share; any process may die or stall at any moment. A waiter that times out closes the
// barrier. One atomic word decides whether all have passed, so that either all processes go on or none does. A process that
// is resumed later finds a newer number in the word and is refused.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dawnpour {

/// A view of the shared memory; it has no state of its own.
class Barrier {
 public:
  static constexpr size_t BYTES = 16;

  enum class State { waiting, passed, closed };

  /// In zeroed memory of `BYTES`, at a multiple of 8.
  explicit Barrier(std::byte* memory);

  /// Opens the barrier anew, at `round`; returns its new number.
  uint32_t open(uint32_t round) const;

  /// No process passes under this number any more.
  void close(uint32_t number) const;

  /// One of `parties` arrives in `round`. `passed` for the last one, which lets all go on to the next round.
  State arrive(uint32_t number, uint32_t round, uint32_t parties) const;

  /// Waits until all have arrived, the barrier is closed, or the time is up, which closes it. Never returns `waiting`.
  State wait(uint32_t number, uint32_t round, double milliseconds) const;

 private:
  State state(uint32_t number, uint32_t round) const;
  void changed() const;

  std::atomic<uint64_t>& word_;
  /// Counts changes of the word; waiters sleep on it.
  std::atomic<uint32_t>& changes_;
};

}  // namespace dawnpour
