#include "engine.h"

#include <chrono>
#include <thread>
#include <utility>

#include "../guard.h"

namespace dawnpour {

/// A promise and what must stay alive until it settles. Made and freed on JavaScript's thread only.
struct Engine::Pending {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference target;
  bool completed = false;
  /// What the work threw.
  std::exception_ptr failure = nullptr;
  /// The one that was settled before: a list needs memory, which there may be none of.
  Pending* before = nullptr;
};

Engine::Engine(Napi::Env env, const Arithmetic& arithmetic, int threads)
    : env_(env), arithmetic_(arithmetic), lent_(std::make_shared<Lent>(env)) {
  callback_ = Napi::ThreadSafeFunction::New(
      env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "dawnpour cpu device", 0, 1);
  callback_.Unref(env);
  try {
    queue_.emplace(threads, [this] { announce(); });
  } catch (...) {
    callback_.Release();
    throw;
  }
  // Added after the callback's own hook, so it runs before that: no thread calls into a closed environment.
  napi_add_env_cleanup_hook(env, leave, this);
}

Engine::~Engine() { end(); }

void Engine::push(Queue::Command command) {
  requireOpen();
  enqueue(std::move(command), false);
}

Napi::Promise Engine::promise(Work work, const Napi::Object& target, Tell tell) {
  requireOpen();
  std::unique_ptr<Pending> made(new Pending{Napi::Promise::Deferred::New(env_), Napi::Persistent(target)});
  auto command = [this, pending = made.get(), work = std::move(work)](Team& team, bool cancelled) {
    try {
      if (!cancelled) work(team);
      pending->completed = !cancelled;
    } catch (...) {
      pending->failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    pending->before = std::exchange(settled_, pending);
  };
  const Napi::Promise promise = made->deferred.Promise();
  enqueue(std::move(command), tell == Tell::now);
  // It may be settled already, but only this thread frees it.
  (void)made.release();
  return promise;
}

void Engine::close() {
  if (!queue_ || closed_) return;
  closed_ = true;
  queue_->close();
  settle();
}

void Engine::requireOpen() const {
  if (!queue_ || closed_) throw Napi::Error::New(env_, "Invariant violation: cpu device: used after it was closed");
}

void Engine::enqueue(Queue::Command command, bool announced) {
  queue_->push(std::move(command), announced);
  if (self_) return;
  self_ = shared_from_this();
  callback_.Ref(env_);
}

/// On the queue's thread. Holds the engine weakly: its end belongs to JavaScript's thread.
void Engine::announce() {
  const auto hear = [weak = weak_from_this()](Napi::Env, Napi::Function) {
    const auto engine = weak.lock();
    if (!engine) return;
    try {
      engine->settle();
    } catch (const Napi::Error&) {
      // The process ends: the call still comes, and may do nothing to JavaScript any more.
    }
  };
  while (!leaving_) {
    try {
      callback_.BlockingCall(hear);
      return;
    } catch (const std::bad_alloc&) {
      // JavaScript waits for this call, so it is made when there is memory for it.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

Engine::Pending* Engine::takeSettled() {
  const std::lock_guard lock(mutex_);
  Pending* newest = std::exchange(settled_, nullptr);
  Pending* oldest = nullptr;
  while (newest) {
    Pending* const next = std::exchange(newest->before, oldest);
    oldest = std::exchange(newest, next);
  }
  return oldest;
}

void Engine::settle() {
  // Asked before the promises are taken: a command settles its promise first and then counts as finished.
  const bool finished = queue_ && queue_->finished() == queue_->pushed();
  for (Pending* next = takeSettled(); next;) {
    const std::unique_ptr<Pending> pending(next);
    next = pending->before;
    settle(*pending);
  }
  lent_->sweep();
  if (finished) rest();
}

void Engine::settle(Pending& pending) {
  if (!pending.completed && !pending.failure && queue_ && !closed_) pending.failure = queue_->failure();
  if (!pending.failure) return pending.deferred.Resolve(Napi::Boolean::New(env_, pending.completed));
  pending.deferred.Reject(toError(env_, pending.failure).Value());
}

/// Nothing is outstanding: lets go of the event loop, and of itself.
void Engine::rest() {
  if (self_) callback_.Unref(env_);
  // Perhaps the last owner: this object may end with this function.
  const auto last = std::move(self_);
  if (closed_) end();
}

/// Ends the threads and waits for them.
void Engine::end() {
  if (!queue_) return;
  leaving_ = true;
  queue_.reset();
  napi_remove_env_cleanup_hook(env_, leave, this);
  callback_.Release();
}

/// The environment goes: so do the threads, with whatever they were doing.
void Engine::leave(void* data) {
  auto* engine = static_cast<Engine*>(data);
  const auto keep = std::move(engine->self_);
  engine->leaving_ = true;
  engine->lent_->leave();
  engine->queue_.reset();
  for (Pending* next = engine->takeSettled(); next;) next = std::unique_ptr<Pending>(next)->before;
}

}  // namespace dawnpour
