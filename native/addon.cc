// The native core as one addon. Each part exports its functions under a name of its own.
#include <napi.h>

#include "cpu/binding.h"

static Napi::Object init(Napi::Env env, Napi::Object exports) {
  const Napi::Object cpu = Napi::Object::New(env);
  dawnpour::exportCpuDevice(env, cpu);
  exports["cpu"] = cpu;
  return exports;
}

NODE_API_MODULE(dawnpour, init)
