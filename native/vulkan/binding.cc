#include "binding.h"

#include "../guard.h"
#include "layer.h"
#include "list.h"

namespace dawnpour {
namespace {

Napi::Value devices(const Napi::CallbackInfo& info) {
  Napi::Array list = Napi::Array::New(info.Env());
  for (const vulkan::ListedDevice& device : vulkan::listDevices()) {
    Napi::Object entry = Napi::Object::New(info.Env());
    entry["id"] = device.id;
    entry["name"] = device.name;
    entry["driver"] = device.driver;
    entry["type"] = Napi::Number::New(info.Env(), device.type);
    entry["memoryBytes"] = Napi::Number::New(info.Env(), static_cast<double>(device.memoryBytes));
    list.Set(list.Length(), entry);
  }
  return list;
}

Napi::Value shown(const Napi::CallbackInfo& info) {
  const std::string id = vulkan::shownDevice();
  return id.empty() ? info.Env().Undefined() : Napi::String::New(info.Env(), id);
}

}  // namespace

void exportVulkan(Napi::Object exports) {
  exportFunction<devices>(exports, "devices");
  exportFunction<shown>(exports, "shown");
}

}  // namespace dawnpour
