// The native core as one addon. Each part exports its functions under a name of its own.
#include <napi.h>

#include "cpu/binding.h"
#ifdef __linux__
#include "vulkan/binding.h"
#endif

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  const Napi::Object cpu = Napi::Object::New(env);
  dawnpour::exportCpuDevice(env, cpu);
  exports["cpu"] = cpu;
#ifdef __linux__
  const Napi::Object vulkan = Napi::Object::New(env);
  dawnpour::exportVulkan(env, vulkan);
  exports["vulkan"] = vulkan;
#endif
  return exports;
}

NODE_API_MODULE(dawnpour, init)
