#include "team.h"

#include "../refused.h"
#include "core.h"
#include "denormals.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace dawnpour {
namespace {

/// How long to look before sleeping: first closely, for about 5 microseconds, then giving way to others in between, for
/// about a millisecond. Sleeping within a step is dear: the wake-up takes long, and the scheduler may wake a thread on the
/// core of the one it works with.
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
      // With more threads than cores a spinning thread keeps the one it waits for from running.
      spins_(static_cast<unsigned>(threads) <= std::thread::hardware_concurrency()),
      cores_(static_cast<size_t>(threads)) {
  for (std::atomic<int>& core : cores_) core.store(UNKNOWN_CORE, std::memory_order_relaxed);
  helpers_.reserve(static_cast<size_t>(threads));
  try {
    for (int thread = 1; thread < threads; ++thread) {
      helpers_.emplace_back([this, thread] { help(thread); });
    }
  } catch (const std::system_error&) {
    // The system gave fewer threads than asked for: those that did start must end before their handles go.
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
    // One thread decides for all: they must not part ways.
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
  // Seldom another one, and a write takes the line from the caches of the others.
  if (noted.load(std::memory_order_relaxed) != core) noted.store(core, std::memory_order_relaxed);
}

/// Moves this thread, which waits or has just been woken, when another of the team was last seen on the same core.
void Team::keepApart(int thread) {
  const int here = currentCore();
  // Not `threads()`: the first helper comes here while others are still being started.
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
