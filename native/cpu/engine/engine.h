// The queue of one device, and its calls back to JavaScript's thread. While commands are outstanding the engine keeps the event
// loop and itself alive. An idle engine keeps neither, and ends when its handle is collected.
#pragma once

#include <napi.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "../dot/dot.h"
#include "../memory/held_references.h"
#include "../threads/queue.h"
#include "../threads/team.h"

namespace dawnpour {

class Engine : public std::enable_shared_from_this<Engine> {
 public:
  using Work = std::function<void(Team& team)>;

  /// When JavaScript learns that a command is done. `now`: at once. `later`: with the next command of kind `now`, or when no
  /// command is left. `later` is cheaper, because waking JavaScript's thread takes a core from other threads.
  enum class Tell { now, later };

  Engine(Napi::Env env, const Arithmetic& arithmetic, int threads);
  ~Engine();

  const Arithmetic& arithmetic() const { return arithmetic_; }
  const Kernels& kernels() const { return arithmetic_.kernels; }
  const std::shared_ptr<HeldReferences>& references() const { return references_; }

  void push(Queue::Command command);

  /// Resolves with true once `work` is done, or with false when the device was closed first. Rejects with the exception of
  /// `work`, or of a command before it. `target` is kept until then.
  Napi::Promise promise(Work work, const Napi::Object& target, Tell tell = Tell::now);

  /// The function that `callHost` calls with a number.
  void setHost(const Napi::Function& host) { host_ = Napi::Persistent(host); }

  /// Runs the host's function on JavaScript's thread, and waits for it. Called on the queue's thread.
  void callHost(uint32_t number);

  /// Cancels the commands that have not begun. The threads end after the current command. If that command waits for other
  /// processes, the caller first ends the wait: it closes their barrier.
  void close();

 private:
  struct Pending;
  void requireOpen() const;
  void enqueue(Queue::Command command, bool announced);
  void announce();
  template <typename Call>
  void onJavaScript(Call call);
  Pending* takeSettled();
  void settle();
  void settle(Pending& pending);
  void rest();
  void end();
  static void leave(void* data);

  Napi::Env env_;
  Arithmetic arithmetic_;
  std::shared_ptr<HeldReferences> references_;
  Napi::ThreadSafeFunction callback_;
  std::shared_ptr<Engine> self_;
  bool closed_ = false;
  std::mutex mutex_;
  /// The newest promise whose work is done. It leads to the older ones.
  Pending* settled_ = nullptr;
  /// Whether the threads are being ended. JavaScript is not called any more.
  std::atomic<bool> leaving_{false};
  Napi::FunctionReference host_;
  /// Whether a call of the host is over. The queue's thread sleeps on it. An atomic for the reason given in queue.h.
  using Answer = std::atomic<bool>;
  std::shared_ptr<Answer> answer_;
  static void release(Answer& answer);
  std::optional<Queue> queue_;
};

}  // namespace dawnpour
