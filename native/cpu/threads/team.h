// A team of threads in lockstep. The caller is thread 0. All threads go through the same list of ops with barriers between them,
// so the change from one op to the next costs one barrier and no wake-up. A thread that waits spins for as long as the gap
// between two ops usually lasts, and then sleeps. No two threads should share a core.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "../memory/memory.h"

namespace dawnpour {

class Team {
 public:
  /// Floats of scratch memory: for all threads together, and for each thread alone. The shared memory has room for 1024 rows of
  /// 1024 floats in whole tiles, so sizes that are powers of two leave no short block at the end.
  static constexpr size_t SHARED_SCRATCH = (size_t{1} << 20) + (size_t{1} << 16), OWN_SCRATCH = size_t{1} << 18;

  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  /// Runs `job(thread)` on every thread, and returns when all are done. A job must not throw, and so must not allocate: the other
  /// threads would wait for its thread at the next barrier.
  void run(const std::function<void(int)>& job);

  /// Called by the threads of a job. Returns when all threads have called it. Once the team is cancelled, it returns false to
  /// all.
  bool barrier(int thread);

  /// Makes barriers return false from now on. Called from any thread.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

  float* sharedScratch() const { return scratch_.floats(); }
  float* ownScratch(int thread) const {
    return scratch_.floats() + SHARED_SCRATCH + static_cast<size_t>(thread) * OWN_SCRATCH;
  }

 private:
  void help(int thread);
  void dismiss();
  void wait(int thread, const std::atomic<uint32_t>& word, uint32_t old);
  void noteCore(int thread);
  void keepApart(int thread);

  Memory scratch_;
  bool spins_;
  const std::function<void(int)>* job_ = nullptr;
  bool proceed_ = true;
  std::atomic<bool> cancelled_{false};
  // On cache lines of their own, so that an arrival does not slow the threads that wait for the start and the end.
  alignas(64) std::atomic<uint32_t> started_{0};
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<uint32_t> passed_{0};
  /// The core of each thread when it last began to work or came to a barrier.
  std::vector<std::atomic<int>> cores_;
  std::vector<std::thread> helpers_;
};

/// The share of `count` items for `thread`, one of `threads`. Shares are equal, to one item.
struct Share {
  size_t begin, end;
  Share(size_t count, int thread, int threads)
      : begin(count * static_cast<size_t>(thread) / static_cast<size_t>(threads)),
        end(count * static_cast<size_t>(thread + 1) / static_cast<size_t>(threads)) {}
};

}  // namespace dawnpour
