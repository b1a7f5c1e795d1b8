// A team of threads in lockstep. The caller is thread 0 and brings the others along: all of them walk the same list of
// work and meet at barriers, so handing over from one op to the next costs one barrier and no wake-up. A thread that
// waits spins for a moment, which is what the gap between two ops lasts, and then sleeps. No two should share a core.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "memory.h"

namespace dawnpour {

class Team {
 public:
  /// Floats of scratch memory for all threads together, and for each thread alone. The shared part holds 1024 rows of
  /// 1024 floats in whole tiles, so that sizes of powers of two leave no short block over.
  static constexpr size_t SHARED_SCRATCH = (size_t{1} << 20) + (size_t{1} << 16), OWN_SCRATCH = size_t{1} << 18;

  explicit Team(int threads);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

  /// Runs `job(thread)` on every thread; returns when all are done. A job allocates nothing and throws nothing: the others
  /// would wait for its thread at the next barrier.
  void run(const std::function<void(int)>& job);

  /// For the threads of a job: returns when all have come here. False, for all alike, once the team was cancelled.
  bool barrier(int thread);

  /// Makes barriers answer false from now on. From any thread.
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
  // Apart, so that arriving does not disturb the threads that watch for the start and the end.
  alignas(64) std::atomic<uint32_t> started_{0};
  alignas(64) std::atomic<int> arrived_{0};
  alignas(64) std::atomic<uint32_t> passed_{0};
  /// Where each thread was when it last began to work or came to a barrier.
  std::vector<std::atomic<int>> cores_;
  std::vector<std::thread> helpers_;
};

/// The equal share of `count` things that falls to `thread`, one of `threads`.
struct Share {
  size_t begin, end;
  Share(size_t count, int thread, int threads)
      : begin(count * static_cast<size_t>(thread) / static_cast<size_t>(threads)),
        end(count * static_cast<size_t>(thread + 1) / static_cast<size_t>(threads)) {}
};

}  // namespace dawnpour
