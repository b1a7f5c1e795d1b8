#include "binding.h"

#include "../guard.h"
#include "shared_memory.h"
#include "standard_error.h"

#ifdef __linux__
#include <csignal>
#include <sys/prctl.h>
#endif

namespace dawnpour {
namespace {

/// (bytes) -> file descriptor
Napi::Value create(const Napi::CallbackInfo& info) {
  const auto bytes = static_cast<size_t>(info[0].ToNumber().Int64Value());
  return Napi::Number::New(info.Env(), createSharedMemory(bytes));
}

/// (file descriptor, offset, bytes) -> ArrayBuffer; the caller checks its length
Napi::Value map(const Napi::CallbackInfo& info) {
  const int descriptor = info[0].ToNumber().Int32Value();
  const auto offset = static_cast<size_t>(info[1].ToNumber().Int64Value());
  const auto bytes = static_cast<size_t>(info[2].ToNumber().Int64Value());
  void* const data = mapSharedMemory(descriptor, offset, bytes);
  return Napi::ArrayBuffer::New(info.Env(), data, bytes,
                                [bytes](Napi::BasicEnv, void* mapped) { unmapSharedMemory(mapped, bytes); });
}

/// Makes the system kill this process when its parent ends, even while this process is stopped. Only Linux can do that; elsewhere
/// the function does nothing.
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

void exportProcess(Napi::Object exports) {
  exportFunction<create>(exports, "createSharedMemory");
  exportFunction<map>(exports, "mapSharedMemory");
  exportFunction<divertStandardError>(exports, "divertStandardError");
  exportFunction<endWithParent>(exports, "endWithParent");
}

}  // namespace dawnpour
