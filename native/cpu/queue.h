// The ordered queue of one device. A thread of its own takes commands in order; with the helpers of the team it is the
// one that does the work, so a device of one thread works on exactly one.
#pragma once

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "team.h"

namespace dawnpour {

class Queue {
 public:
  /// Does the work, or, when `cancelled`, only what must not be left undone.
  using Command = std::function<void(Team& team, bool cancelled)>;

  /// `progress` is called from the queue's thread after each announced command and whenever the queue has run empty.
  Queue(int threads, std::function<void()> progress);
  ~Queue();

  void push(Command command, bool announced);

  /// Commands not yet started will be cancelled, and one at work stops after its current op. Does not wait.
  void close();

  /// Why commands have been cancelled since one of them threw; null where none has.
  std::exception_ptr failure();

  uint64_t pushed() const { return pushed_; }
  uint64_t finished() const { return finished_.load(std::memory_order_acquire); }

 private:
  struct Entry {
    Command command;
    bool announced = false;
  };
  void work();
  void carryOut(const Command& command, bool cancelled);
  void changed();

  Team team_;
  std::function<void()> progress_;
  std::mutex mutex_;
  /// Grows with every push and with the close: what the thread sleeps on. An atomic rather than a condition variable,
  /// whose symbols would bind a prebuilt binary to the newest C++ libraries.
  std::atomic<uint32_t> changes_{0};
  std::deque<Entry> entries_;
  bool closed_ = false;
  std::exception_ptr failure_;
  uint64_t pushed_ = 0;
  std::atomic<uint64_t> finished_{0};
  std::thread thread_;
};

}  // namespace dawnpour
