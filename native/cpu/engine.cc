#include "engine.h"

#include <utility>

namespace dawnpour {

/// A promise and what must stay alive until it settles. Made and freed on JavaScript's thread only.
struct Engine::Pending {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference target;
  bool completed = false;
};

Engine::Engine(Napi::Env env, const Arithmetic& arithmetic, int threads)
    : env_(env), arithmetic_(arithmetic), lent_(std::make_shared<Lent>(env)) {
  callback_ = Napi::ThreadSafeFunction::New(
      env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "dawnpour cpu device", 0, 1);
  callback_.Unref(env);
  // Added after the callback's own hook, so it runs before that: no thread calls into a closed environment.
  napi_add_env_cleanup_hook(env, leave, this);
  queue_.emplace(threads, [this] { announce(); });
}

Engine::~Engine() { end(); }

void Engine::push(Queue::Command command) {
  requireOpen();
  enqueue(std::move(command), false);
}

Napi::Promise Engine::promise(Work work, const Napi::Object& target, Tell tell) {
  requireOpen();
  auto* pending = new Pending{Napi::Promise::Deferred::New(env_), Napi::Persistent(target)};
  const Napi::Promise promise = pending->deferred.Promise();
  auto command = [this, pending, work = std::move(work)](Team& team, bool cancelled) {
    if (!cancelled) work(team);
    pending->completed = !cancelled;
    const std::lock_guard lock(mutex_);
    settled_.push_back(pending);
  };
  enqueue(std::move(command), tell == Tell::now);
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
  if (!self_) {
    self_ = shared_from_this();
    callback_.Ref(env_);
  }
  queue_->push(std::move(command), announced);
}

/// On the queue's thread. Holds the engine weakly: its end belongs to JavaScript's thread.
void Engine::announce() {
  callback_.BlockingCall([weak = weak_from_this()](Napi::Env, Napi::Function) {
    const auto engine = weak.lock();
    if (!engine) return;
    try {
      engine->settle();
    } catch (const Napi::Error&) {
      // The process ends: the call still comes, and may do nothing to JavaScript any more.
    }
  });
}

std::vector<Engine::Pending*> Engine::takeSettled() {
  const std::lock_guard lock(mutex_);
  return std::exchange(settled_, {});
}

void Engine::settle() {
  // Asked before the promises are taken: a command settles its promise first and then counts as finished.
  const bool finished = queue_ && queue_->finished() == queue_->pushed();
  for (Pending* next : takeSettled()) {
    const std::unique_ptr<Pending> pending(next);
    pending->deferred.Resolve(Napi::Boolean::New(env_, pending->completed));
  }
  lent_->sweep();
  if (finished) rest();
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
  queue_.reset();
  napi_remove_env_cleanup_hook(env_, leave, this);
  callback_.Release();
}

/// The environment goes: so do the threads, with whatever they were doing.
void Engine::leave(void* data) {
  auto* engine = static_cast<Engine*>(data);
  const auto keep = std::move(engine->self_);
  engine->lent_->leave();
  engine->queue_.reset();
  for (Pending* pending : engine->takeSettled()) delete pending;
}

}  // namespace dawnpour
