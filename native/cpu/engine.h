// The queue of one device, and the way back from it to JavaScript's thread. While commands are outstanding it keeps the
// event loop and itself alive; an idle engine does neither, and ends when its handle is collected.
#pragma once

#include <napi.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "dot.h"
#include "lent.h"
#include "queue.h"
#include "team.h"

namespace dawnpour {

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  using Work = std::function<void(Team& team)>;

  /// Whether JavaScript hears at once that something is done, or with the next thing that it does hear of, or when nothing
  /// is left to do: to wake it takes a core from others.
  enum class Tell { now, later };

  Engine(Napi::Env env, const Arithmetic& arithmetic, int threads);
  ~Engine();

  const Arithmetic& arithmetic() const { return arithmetic_; }
  const Kernels& kernels() const { return arithmetic_.kernels; }
  const std::shared_ptr<Lent>& lent() const { return lent_; }

  void push(Queue::Command command);

  /// Resolves with true once `work` is done, with false when the device was closed before it could be. Rejects with what
  /// `work`, or a command before it, threw. `target` is kept until then.
  Napi::Promise promise(Work work, const Napi::Object& target, Tell tell = Tell::now);

  /// Cancels what has not begun. The threads end when the command at work does: a command that waits for other processes has to be released first.
  void close();

 private:
  struct Pending;
  void requireOpen() const;
  void enqueue(Queue::Command command, bool announced);
  void announce();
  Pending* takeSettled();
  void settle();
  void settle(Pending& pending);
  void rest();
  void end();
  static void leave(void* data);

  Napi::Env env_;
  Arithmetic arithmetic_;
  std::shared_ptr<Lent> lent_;
  Napi::ThreadSafeFunction callback_;
  std::shared_ptr<Engine> self_;
  bool closed_ = false;
  std::mutex mutex_;
  /// The newest of those whose work is over.
  Pending* settled_ = nullptr;
  /// Whether the threads are being ended, and JavaScript hears no more.
  std::atomic<bool> leaving_{false};
  std::optional<Queue> queue_;
};

}  // namespace dawnpour
