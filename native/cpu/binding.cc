#include "binding.h"

#include <cstring>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lent.h"
#include "program_reader.h"
#include "queue.h"

namespace dawnpour {
namespace {

/// A promise and what must stay alive until it settles. Made and freed on JavaScript's thread only.
struct Pending {
  Napi::Promise::Deferred deferred;
  Napi::ObjectReference target;
  bool completed = false;
};

/// The queue of one device, and the way back from it to JavaScript's thread. While commands are outstanding it keeps
/// the event loop and itself alive; an idle engine does neither, and ends when its handle is collected.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  Engine(Napi::Env env, const Kernels& kernels, int threads)
      : env_(env), kernels_(kernels), lent_(std::make_shared<Lent>(env)) {
    callback_ = Napi::ThreadSafeFunction::New(
        env, Napi::Function::New(env, [](const Napi::CallbackInfo&) {}), "dawnpour cpu device", 0, 1);
    callback_.Unref(env);
    // Added after the callback's own hook, so it runs before that: no thread calls into a closed environment.
    napi_add_env_cleanup_hook(env, leave, this);
    queue_.emplace(threads, [this] { announce(); });
  }

  ~Engine() { end(); }

  const Kernels& kernels() const { return kernels_; }
  const std::shared_ptr<Lent>& lent() const { return lent_; }

  void push(Queue::Command command) {
    requireOpen();
    enqueue(std::move(command), false);
  }

  /// Resolves with true once `work` is done, with false when the device was closed before it could be.
  Napi::Promise promise(std::function<void()> work, const Napi::Object& target) {
    requireOpen();
    auto* pending = new Pending{Napi::Promise::Deferred::New(env_), Napi::Persistent(target)};
    const Napi::Promise promise = pending->deferred.Promise();
    const auto command = [this, pending, work = std::move(work)](Team&, bool cancelled) {
      if (!cancelled) work();
      pending->completed = !cancelled;
      const std::lock_guard lock(mutex_);
      settled_.push_back(pending);
    };
    enqueue(command, true);
    return promise;
  }

  /// Cancels what has not begun. The threads end when the command at work does.
  void close() {
    if (!queue_ || closed_) return;
    closed_ = true;
    queue_->close();
    rest();
  }

 private:
  void requireOpen() const {
    if (!queue_ || closed_) throw Napi::Error::New(env_, "Invariant violation: cpu device: used after it was closed");
  }

  void enqueue(Queue::Command command, bool announced) {
    if (!self_) {
      self_ = shared_from_this();
      callback_.Ref(env_);
    }
    queue_->push(std::move(command), announced);
  }

  /// On the queue's thread. Holds the engine weakly: its end belongs to JavaScript's thread.
  void announce() {
    callback_.BlockingCall([weak = weak_from_this()](Napi::Env, Napi::Function) {
      if (const auto engine = weak.lock()) engine->settle();
    });
  }

  std::vector<Pending*> takeSettled() {
    const std::lock_guard lock(mutex_);
    return std::exchange(settled_, {});
  }

  void settle() {
    for (Pending* pending : takeSettled()) {
      pending->deferred.Resolve(Napi::Boolean::New(env_, pending->completed));
      delete pending;
    }
    rest();
  }

  /// Lets go of what is used no more, and of the event loop if nothing is outstanding.
  void rest() {
    lent_->sweep();
    if (!queue_ || queue_->finished() != queue_->pushed()) return;
    if (self_) callback_.Unref(env_);
    // Perhaps the last owner: this object may end with this function.
    const auto last = std::move(self_);
    if (closed_) end();
  }

  /// Ends the threads and waits for them.
  void end() {
    if (!queue_) return;
    queue_.reset();
    napi_remove_env_cleanup_hook(env_, leave, this);
    callback_.Release();
  }

  /// The environment goes: so do the threads, with whatever they were doing.
  static void leave(void* data) {
    auto* engine = static_cast<Engine*>(data);
    const auto keep = std::move(engine->self_);
    engine->lent_->leave();
    engine->queue_.reset();
    for (Pending* pending : engine->takeSettled()) delete pending;
  }

  Napi::Env env_;
  const Kernels& kernels_;
  std::shared_ptr<Lent> lent_;
  Napi::ThreadSafeFunction callback_;
  std::shared_ptr<Engine> self_;
  bool closed_ = false;
  std::mutex mutex_;
  std::vector<Pending*> settled_;
  std::optional<Queue> queue_;
};

template <typename T>
using Handle = Napi::External<std::shared_ptr<T>>;

template <typename T>
Napi::Value makeHandle(Napi::Env env, std::shared_ptr<T> value) {
  return Handle<T>::New(env, new std::shared_ptr<T>(std::move(value)),
                        [](Napi::BasicEnv, std::shared_ptr<T>* data) { delete data; });
}

template <typename T>
std::shared_ptr<T>& handle(const Napi::Value& value) {
  return *value.As<Handle<T>>().Data();
}

void tellCollector(Napi::BasicEnv env, const Memory& memory, int sign) {
  Napi::MemoryManagement::AdjustExternalMemory(env, sign * static_cast<int64_t>(memory.bytes()));
}

/// The bytes of a typed array, over memory of its own or shared.
struct Bytes {
  void* data = nullptr;
  size_t count = 0;
  explicit Bytes(const Napi::Value& value) {
    napi_get_typedarray_info(value.Env(), value, nullptr, nullptr, &data, nullptr, nullptr);
    count = value.As<Napi::TypedArray>().ByteLength();
  }
};

/// `count` bytes at the offset that JavaScript names, which must lie within the memory.
std::byte* within(const Memory& memory, const Napi::Value& offset, size_t count) {
  const double start = offset.ToNumber().DoubleValue();
  if (!(start >= 0 && start + static_cast<double>(count) <= static_cast<double>(memory.bytes()))) {
    throw Napi::Error::New(offset.Env(), "Invariant violation: cpu device: range outside the buffer");
  }
  return memory.data() + static_cast<size_t>(start);
}

Napi::Value instructionSets(const Napi::CallbackInfo& info) {
  const Napi::Array names = Napi::Array::New(info.Env());
  for (const Kernels* const* next = availableKernels(); *next; ++next) names.Set(names.Length(), (*next)->isa);
  return names;
}

Napi::Value open(const Napi::CallbackInfo& info) {
  const std::string isa = info[0].ToString();
  for (const Kernels* const* next = availableKernels(); *next; ++next) {
    if (isa != (*next)->isa) continue;
    return makeHandle(info.Env(), std::make_shared<Engine>(info.Env(), **next, info[1].ToNumber().Int32Value()));
  }
  throw Napi::Error::New(info.Env(), "Invariant violation: cpu device: no instruction set " + isa);
}

Napi::Value allocate(const Napi::CallbackInfo& info) {
  const double bytes = info[0].ToNumber().DoubleValue();
  std::shared_ptr<Memory> memory;
  try {
    memory = std::make_shared<Memory>(static_cast<size_t>(bytes));
  } catch (const std::bad_alloc&) {
    return info.Env().Undefined();
  }
  tellCollector(info.Env(), *memory, 1);
  return MemoryHandle::New(info.Env(), new std::shared_ptr<Memory>(memory),
                           [](Napi::BasicEnv env, std::shared_ptr<Memory>* data) {
                             if (*data) tellCollector(env, **data, -1);
                             delete data;
                           });
}

/// A handle on memory of JavaScript; undefined when that does not start at a cache line.
Napi::Value adopt(const Napi::CallbackInfo& info) {
  const Bytes bytes(info[1]);
  if (!Memory::aligned(bytes.data)) return info.Env().Undefined();
  const std::shared_ptr<Lent> lent = handle<Engine>(info[0])->lent();
  napi_ref const reference = lent->keep(info[1]);
  return makeHandle(info.Env(), std::make_shared<Memory>(static_cast<std::byte*>(bytes.data), bytes.count,
                                                         [lent, reference] { lent->giveBack(reference); }));
}

void release(const Napi::CallbackInfo& info) {
  std::shared_ptr<Memory>& memory = handle<Memory>(info[0]);
  if (!memory) return;
  if (!memory->borrowed()) tellCollector(info.Env(), *memory, -1);
  memory.reset();
}

Napi::Value memoryInUse(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(Memory::inUse()));
}

void write(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Memory> memory = handle<Memory>(info[1]);
  const Bytes source(info[3]);
  std::byte* const to = within(*memory, info[2], source.count);
  const std::shared_ptr<std::byte[]> copy(new std::byte[source.count]);
  std::memcpy(copy.get(), source.data, source.count);
  handle<Engine>(info[0])->push([memory, to, copy, count = source.count](Team&, bool cancelled) {
    if (!cancelled) std::memcpy(to, copy.get(), count);
  });
}

Napi::Value read(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Memory> memory = handle<Memory>(info[1]);
  const Bytes target(info[3]);
  const std::byte* const from = within(*memory, info[2], target.count);
  return handle<Engine>(info[0])->promise([memory, from, target] { std::memcpy(target.data, from, target.count); },
                                          info[3].As<Napi::Object>());
}

Napi::Value compile(const Napi::CallbackInfo& info) {
  return makeHandle(info.Env(), readProgram(handle<Engine>(info[0])->kernels(), info[1].As<Napi::Array>(),
                                            info[2].As<Napi::Object>()));
}

void discard(const Napi::CallbackInfo& info) { handle<Executable>(info[0]).reset(); }

void run(const Napi::CallbackInfo& info) {
  const std::shared_ptr<Executable> executable = handle<Executable>(info[1]);
  const auto times = static_cast<uint64_t>(info[2].ToNumber().Int64Value());
  handle<Engine>(info[0])->push([executable, times](Team& team, bool cancelled) {
    if (!cancelled) executable->run(team, times);
  });
}

Napi::Value idle(const Napi::CallbackInfo& info) {
  return handle<Engine>(info[0])->promise([] {}, Napi::Object::New(info.Env()));
}

void close(const Napi::CallbackInfo& info) { handle<Engine>(info[0])->close(); }

}  // namespace

void exportCpuDevice(Napi::Env env, Napi::Object exports) {
  exports["instructionSets"] = Napi::Function::New(env, instructionSets);
  exports["open"] = Napi::Function::New(env, open);
  exports["allocate"] = Napi::Function::New(env, allocate);
  exports["adopt"] = Napi::Function::New(env, adopt);
  exports["release"] = Napi::Function::New(env, release);
  exports["memoryInUse"] = Napi::Function::New(env, memoryInUse);
  exports["write"] = Napi::Function::New(env, write);
  exports["read"] = Napi::Function::New(env, read);
  exports["compile"] = Napi::Function::New(env, compile);
  exports["discard"] = Napi::Function::New(env, discard);
  exports["run"] = Napi::Function::New(env, run);
  exports["idle"] = Napi::Function::New(env, idle);
  exports["close"] = Napi::Function::New(env, close);
}

}  // namespace dawnpour
