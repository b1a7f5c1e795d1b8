#include "engine.h"

#include <chrono>
#include <thread>
#include <utility>

#include "../../guard.h"

namespace dawnpour {

/// A promise, and what must stay alive until it settles. It is created and freed on JavaScript's thread only.
struct Engine::Pending {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference target;
  bool completed = false;
  /// The exception that the work threw.
  std::exception_ptr failure = nullptr;
  /// The promise that was settled before this one. The settled promises form a list that needs no memory of its own.
  Pending* before = nullptr;
};

Engine::Engine(Napi::Env env, const Arithmetic& arithmetic, int threads)
    : env_(env), arithmetic_(arithmetic), references_(std::make_shared<HeldReferences>(env)) {
  callback_ = Napi::ThreadSafeFunction::New(
      env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "dawnpour cpu device", 0, 1);
  callback_.Unref(env);
  try {
    queue_.emplace(threads, [this] { announce(); });
  } catch (...) {
    callback_.Release();
    throw;
  }
  // Cleanup hooks run in reverse order. This one is added after the callback's own hook, so the threads end before the callback
  // does.
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
  // The queue's thread may have settled it already, but only this thread frees it.
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

/// Called on the queue's thread.
void Engine::announce() {
  onJavaScript([](Engine& engine) { engine.settle(); });
}

void Engine::callHost(uint32_t number) {
  const auto answer = std::make_shared<Answer>(false);
  {
    const std::lock_guard lock(mutex_);
    answer_ = answer;
  }
  onJavaScript([number, answer](Engine& engine) {
    // The host's function catches all exceptions, so the call throws only while the process is ending.
    const struct Done {
      Answer& answer;
      ~Done() { release(answer); }
    } done{*answer};
    if (!engine.host_.IsEmpty()) engine.host_.Call({Napi::Number::New(engine.env_, number)});
  });
  // `leave` ends this wait when the environment closes, but only if it finds `answer_` set.
  if (!leaving_) answer->wait(false);
}

void Engine::release(Answer& answer) {
  answer = true;
  answer.notify_all();
}

/// Runs `call(engine)` on JavaScript's thread. The closure has a weak pointer: a strong one could be the last, and would then
/// destroy the engine on another thread.
template <typename Call>
void Engine::onJavaScript(Call call) {
  const auto hear = [weak = weak_from_this(), call](Napi::Env, Napi::Function) {
    const auto engine = weak.lock();
    if (!engine) return;
    try {
      call(*engine);
    } catch (const Napi::Error&) {
      // The process is ending. This closure still runs, but must not use JavaScript any more.
    }
  };
  while (!leaving_) {
    try {
      callback_.BlockingCall(hear);
      return;
    } catch (const std::bad_alloc&) {
      // JavaScript waits for this call, so the thread tries again until there is memory for it.
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
  // This is read before the promises are taken, because a command first settles its promise and then counts as finished.
  const bool finished = queue_ && queue_->finished() == queue_->pushed();
  for (Pending* next = takeSettled(); next;) {
    const std::unique_ptr<Pending> pending(next);
    next = pending->before;
    settle(*pending);
  }
  references_->dropReleased();
  if (finished) rest();
}

void Engine::settle(Pending& pending) {
  if (!pending.completed && !pending.failure && queue_ && !closed_) pending.failure = queue_->failure();
  if (!pending.failure) return pending.deferred.Resolve(Napi::Boolean::New(env_, pending.completed));
  pending.deferred.Reject(toError(env_, pending.failure).Value());
}

/// Called when no command is outstanding: releases the event loop, and the engine's pointer to itself.
void Engine::rest() {
  if (self_) callback_.Unref(env_);
  // This may be the last pointer: the engine may end when this function returns.
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

/// The environment is closing: ends the threads, whatever they are doing.
void Engine::leave(void* data) {
  auto* engine = static_cast<Engine*>(data);
  const auto keep = std::move(engine->self_);
  engine->leaving_ = true;
  {
    const std::lock_guard lock(engine->mutex_);
    if (engine->answer_) release(*engine->answer_);
  }
  engine->host_.SuppressDestruct();
  engine->references_->abandon();
  engine->queue_.reset();
  for (Pending* next = engine->takeSettled(); next;) next = std::unique_ptr<Pending>(next)->before;
}

}  // namespace dawnpour
