#include "binding.h"

#include <system_error>

#include "shared_memory.h"
#include "standard_error.h"

#ifdef __linux__
#include <csignal>
#include <sys/prctl.h>
#endif

namespace dawnpour {
namespace {

/// Calls `work`; what the system refuses becomes an error of JavaScript.
template <typename Work>
auto orThrow(Napi::Env env, const Work& work) {
  try {
    return work();
  } catch (const std::system_error& error) {
    throw Napi::Error::New(env, error.what());
  }
}

/// (bytes) -> file descriptor
Napi::Value create(const Napi::CallbackInfo& info) {
  const auto bytes = static_cast<size_t>(info[0].ToNumber().Int64Value());
  return Napi::Number::New(info.Env(), orThrow(info.Env(), [&] { return createSharedMemory(bytes); }));
}

/// (file descriptor, offset, bytes) -> ArrayBuffer; the caller sees to it that one can be so long
Napi::Value map(const Napi::CallbackInfo& info) {
  const int descriptor = info[0].ToNumber().Int32Value();
  const auto offset = static_cast<size_t>(info[1].ToNumber().Int64Value());
  const auto bytes = static_cast<size_t>(info[2].ToNumber().Int64Value());
  void* const data = orThrow(info.Env(), [&] { return mapSharedMemory(descriptor, offset, bytes); });
  return Napi::ArrayBuffer::New(info.Env(), data, bytes,
                                [bytes](Napi::BasicEnv, void* mapped) { unmapSharedMemory(mapped, bytes); });
}

/// From now on the system ends this process when its parent ends, even while it is stopped. Where the system has no such
/// thing nothing happens.
void endWithParent(const Napi::CallbackInfo&) {
#ifdef __linux__
  (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

/// (function) -> what was written to standard error while it ran
Napi::Value divertStandardError(const Napi::CallbackInfo& info) {
  const Napi::Function work = info[0].As<Napi::Function>();
  return Napi::String::New(info.Env(), withoutStandardError([&] { work.Call({}); }));
}

}  // namespace

void exportProcess(Napi::Env env, Napi::Object exports) {
  exports["createSharedMemory"] = Napi::Function::New(env, create);
  exports["mapSharedMemory"] = Napi::Function::New(env, map);
  exports["divertStandardError"] = Napi::Function::New(env, divertStandardError);
  exports["endWithParent"] = Napi::Function::New(env, endWithParent);
}

}  // namespace dawnpour
