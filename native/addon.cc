// The native core: one addon. Each part exports its functions as one object.
#include <napi.h>

#include "collective/binding.h"
#include "cpu/engine/binding.h"
#include "linear/binding.h"
#include "process/binding.h"
#ifdef __linux__
#include "vulkan/binding.h"
#endif

using Export = void (*)(Napi::Object exports);

static Napi::Object part(Napi::Env env, Export exportPart) {
  const Napi::Object exports = Napi::Object::New(env);
  exportPart(exports);
  return exports;
}

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  // The digest of the sources that this core was built from: see digest.mjs.
  exports["sources"] = Napi::String::New(env, DAWNPOUR_SOURCES);
  exports["cpu"] = part(env, dawnpour::exportCpuDevice);
  exports["collective"] = part(env, dawnpour::exportCollective);
  exports["linear"] = part(env, dawnpour::exportLinear);
  exports["process"] = part(env, dawnpour::exportProcess);
#ifdef __linux__
  exports["vulkan"] = part(env, dawnpour::exportVulkan);
#endif
  return exports;
}

NODE_API_MODULE(dawnpour, init)
