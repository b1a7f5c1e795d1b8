// The ordered queue of one device. A thread of the queue takes the commands in order. That thread and the helpers of the team do
// the work, so a device of one thread works on exactly one.
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
  /// Does the work. When `cancelled`, it does only what must be done in any case, such as settling a promise.
  using Command = std::function<void(Team& team, bool cancelled)>;

  /// `progress` is called on the queue's thread, after each announced command and whenever the queue has run empty.
  Queue(int threads, std::function<void()> progress);
  ~Queue();

  void push(Command command, bool announced);

  /// Cancels the commands that have not begun. The current command stops after its current op. Does not wait.
  void close();

  /// The exception of the first command that threw. All commands after it are cancelled. Null if none threw.
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
  /// Grows with every push and with the close; the thread sleeps on it. It is an atomic, because a condition variable would need
  /// a newer C++ library than a prebuilt binary can rely on.
  std::atomic<uint32_t> changes_{0};
  std::deque<Entry> entries_;
  bool closed_ = false;
  std::exception_ptr failure_;
  uint64_t pushed_ = 0;
  std::atomic<uint64_t> finished_{0};
  std::thread thread_;
};

}  // namespace dawnpour
