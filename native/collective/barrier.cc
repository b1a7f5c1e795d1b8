#include "barrier.h"

#include <algorithm>
#include <chrono>
#include <thread>

#ifdef __linux__
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#endif

namespace dawnpour {
namespace {

using Clock = std::chrono::steady_clock;

static_assert(std::atomic<uint64_t>::is_always_lock_free && sizeof(std::atomic<uint64_t>) == sizeof(uint64_t));
static_assert(std::atomic<uint32_t>::is_always_lock_free && sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

/// The widths of the fields of the word, from the lowest bit on.
constexpr int ARRIVED_BITS = 11, ROUND_BITS = 32, NUMBER_BITS = 20;

struct Word {
  bool closed;
  uint32_t arrived, round, number;

  static Word of(uint64_t bits) {
    const auto take = [&bits](int count) {
      const uint64_t part = bits & ((uint64_t{1} << count) - 1);
      bits >>= count;
      return static_cast<uint32_t>(part);
    };
    Word word{};
    word.closed = take(1) != 0;
    word.arrived = take(ARRIVED_BITS);
    word.round = take(ROUND_BITS);
    word.number = take(NUMBER_BITS);
    return word;
  }

  uint64_t bits() const {
    uint64_t bits = number;
    bits = bits << ROUND_BITS | round;
    bits = bits << ARRIVED_BITS | arrived;
    return bits << 1 | static_cast<uint64_t>(closed);
  }
};

/// A duration that the clock can count: at least zero, at most a year.
Clock::duration atMost(double milliseconds) {
  constexpr double year = 3.2e10;
  const double within = milliseconds > 0 ? std::min(milliseconds, year) : 0;
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(within));
}

/// Sleeps until the word differs from `seen` or the time is up. It may return earlier, too.
void sleep(const std::atomic<uint32_t>& word, uint32_t seen, Clock::duration most) {
#ifdef __linux__
  const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(most).count();
  const timespec time{static_cast<time_t>(nanoseconds / 1'000'000'000), static_cast<long>(nanoseconds % 1'000'000'000)};
  // Not FUTEX_PRIVATE: another process may wake this one.
  syscall(SYS_futex, reinterpret_cast<const uint32_t*>(&word), FUTEX_WAIT, seen, &time, nullptr, 0);
#else
  (void)word, (void)seen;
  std::this_thread::sleep_for(std::min<Clock::duration>(most, std::chrono::microseconds(50)));
#endif
}

void wakeAll(std::atomic<uint32_t>& word) {
#ifdef __linux__
  syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
#else
  (void)word;
#endif
}

}  // namespace

Barrier::Barrier(std::byte* memory)
    : word_(*reinterpret_cast<std::atomic<uint64_t>*>(memory)),
      changes_(*reinterpret_cast<std::atomic<uint32_t>*>(memory + sizeof(uint64_t))) {}

uint32_t Barrier::open(uint32_t round) const {
  uint64_t bits = word_.load();
  uint32_t number;
  do {
    number = (Word::of(bits).number + 1) & ((1u << NUMBER_BITS) - 1);
  } while (!word_.compare_exchange_weak(bits, Word{false, 0, round, number}.bits()));
  changed();
  return number;
}

void Barrier::close(uint32_t number) const {
  uint64_t bits = word_.load();
  Word word{};
  do {
    word = Word::of(bits);
    if (word.number != number || word.closed) return;
    word.closed = true;
  } while (!word_.compare_exchange_weak(bits, word.bits()));
  changed();
}

Barrier::State Barrier::arrive(uint32_t number, uint32_t round, uint32_t parties) const {
  uint64_t bits = word_.load();
  for (;;) {
    Word word = Word::of(bits);
    if (word.number != number || word.round != round || word.closed) return State::closed;
    const bool last = ++word.arrived == parties;
    if (last) word = {false, 0, round + 1, number};
    if (!word_.compare_exchange_weak(bits, word.bits())) continue;
    if (!last) return State::waiting;
    changed();
    return State::passed;
  }
}

Barrier::State Barrier::wait(uint32_t number, uint32_t round, double milliseconds) const {
  const Clock::time_point end = Clock::now() + atMost(milliseconds);
  for (;;) {
    const uint32_t seen = changes_.load();
    const State now = state(number, round);
    if (now != State::waiting) return now;
    const Clock::duration left = end - Clock::now();
    if (left > Clock::duration::zero()) {
      sleep(changes_, seen, left);
      continue;
    }
    // `close` would not do: if the last process arrives at this moment, it would close the next round.
    uint64_t bits = word_.load();
    Word word = Word::of(bits);
    if (word.number == number && word.round == round && !word.closed) {
      word.closed = true;
      if (word_.compare_exchange_strong(bits, word.bits())) changed();
    }
  }
}

Barrier::State Barrier::state(uint32_t number, uint32_t round) const {
  const Word word = Word::of(word_.load());
  if (word.number != number) return State::closed;
  if (word.round != round) return State::passed;
  return word.closed ? State::closed : State::waiting;
}

void Barrier::changed() const {
  changes_.fetch_add(1);
  wakeAll(changes_);
}

}  // namespace dawnpour
