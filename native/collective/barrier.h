// A barrier in memory that processes share, each of which may die or stand still at any moment. Nobody waits for ever:
// whoever has had enough closes it. Whether all have passed is decided at one place, by one word, so that either all go on
// or nobody does; and who has slept through it all finds another number there, and is let through no more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace dawnpour {

/// A view of it: what changes is the memory.
class Barrier {
 public:
  static constexpr size_t BYTES = 16;

  enum class State { waiting, passed, closed };

  /// In zeroed memory of `BYTES`, at a multiple of 8.
  explicit Barrier(std::byte* memory);

  /// Begins anew, at `round`; returns the number under which it is to be used.
  uint32_t open(uint32_t round) const;

  /// Whoever has not passed will not.
  void close(uint32_t number) const;

  /// One of `parties` has come to `round`; `passed` for the last of them, who lets all go on to the next.
  State arrive(uint32_t number, uint32_t round, uint32_t parties) const;

  /// Until all have come, it is closed, or the time is up, which closes it. Never `waiting`.
  State wait(uint32_t number, uint32_t round, double milliseconds) const;

 private:
  State state(uint32_t number, uint32_t round) const;
  void changed() const;

  std::atomic<uint64_t>& word_;
  /// Counts changes of the word: what those who wait sleep on.
  std::atomic<uint32_t>& changes_;
};

}  // namespace dawnpour
