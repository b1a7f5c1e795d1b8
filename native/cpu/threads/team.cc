#include "team.h"

#include "../../refused.h"
#include "../chip/core.h"
#include "../chip/denormals.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace dawnpour {
namespace {

/// How long a thread spins before it sleeps: first for about 5 microseconds without a break, then for about a millisecond during
/// which it yields its core between two checks. To sleep within a step costs time: the wake-up is slow, and the scheduler may
/// wake the thread on a core where another thread of the team runs.
constexpr int PAUSES = 200, YIELDS = 2000;

void pause() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__) && !defined(_MSC_VER)
  __asm__ volatile("isb");
#endif
}

}  // namespace

Team::Team(int threads)
    : scratch_((SHARED_SCRATCH + OWN_SCRATCH * static_cast<size_t>(threads)) * sizeof(float)),
      // With more threads than cores, a spinning thread may occupy the core that the awaited thread needs.
      spins_(static_cast<unsigned>(threads) <= std::thread::hardware_concurrency()),
      cores_(static_cast<size_t>(threads)) {
  for (std::atomic<int>& core : cores_) core.store(UNKNOWN_CORE, std::memory_order_relaxed);
  helpers_.reserve(static_cast<size_t>(threads));
  try {
    for (int thread = 1; thread < threads; ++thread) {
      helpers_.emplace_back([this, thread] { help(thread); });
    }
  } catch (const std::system_error&) {
    // The system gave fewer threads than were asked for. Those that did start must end before their handles are destroyed.
    const int number = this->threads();
    dismiss();
    throw ThreadRefused(number, threads);
  } catch (...) {
    dismiss();
    throw;
  }
}

Team::~Team() { dismiss(); }

void Team::dismiss() {
  const std::function<void(int)> none;
  job_ = &none;
  started_.fetch_add(1, std::memory_order_release);
  started_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Team::run(const std::function<void(int)>& job) {
  flushDenormals();
  job_ = &job;
  noteCore(0);
  started_.fetch_add(1, std::memory_order_release);
  started_.notify_all();
  job(0);
  barrier(0);
}

void Team::help(int thread) {
  flushDenormals();
  for (uint32_t seen = 0;; ++seen) {
    wait(thread, started_, seen);
    const std::function<void(int)>& job = *job_;
    if (!job) return;
    noteCore(thread);
    job(thread);
    barrier(thread);
  }
}

bool Team::barrier(int thread) {
  if (helpers_.empty()) return !cancelled_.load(std::memory_order_relaxed);
  noteCore(thread);
  const uint32_t old = passed_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads()) {
    arrived_.store(0, std::memory_order_relaxed);
    // One thread decides for all, so all do the same.
    proceed_ = !cancelled_.load(std::memory_order_relaxed);
    passed_.store(old + 1, std::memory_order_release);
    passed_.notify_all();
  } else {
    wait(thread, passed_, old);
  }
  return proceed_;
}

void Team::noteCore(int thread) {
  std::atomic<int>& noted = cores_[static_cast<size_t>(thread)];
  const int core = currentCore();
  // The core seldom changes, and a write would take the cache line from the other threads: so it is written only if it changed.
  if (noted.load(std::memory_order_relaxed) != core) noted.store(core, std::memory_order_relaxed);
}

/// Moves this thread to another core when another thread of the team was last seen on its core. Called while the thread waits,
/// and after it wakes.
void Team::keepApart(int thread) {
  const int here = currentCore();
  // This does not call `threads()`: the first helper runs this while others are still being started.
  for (size_t other = 0; spins_ && here != UNKNOWN_CORE && other < cores_.size(); ++other) {
    if (other != static_cast<size_t>(thread) && cores_[other].load(std::memory_order_relaxed) == here) {
      leaveCore(here);
      return noteCore(thread);
    }
  }
}

void Team::wait(int thread, const std::atomic<uint32_t>& word, uint32_t old) {
  const auto changed = [&] { return word.load(std::memory_order_acquire) != old; };
  for (int i = 0; spins_ && i < PAUSES; ++i) {
    if (changed()) return;
    pause();
  }
  keepApart(thread);
  for (int i = 0; spins_ && i < YIELDS; ++i) {
    if (changed()) return;
    std::this_thread::yield();
  }
  word.wait(old, std::memory_order_acquire);
  keepApart(thread);
}

}  // namespace dawnpour
