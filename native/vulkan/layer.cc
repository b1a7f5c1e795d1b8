#include "layer.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "identity.h"
#include "vulkan.h"

namespace dawnpour::vulkan {
namespace {

/// The functions of the next layer, for one instance. They are looked up when the instance is created: a later look-up would
/// return the functions of this layer.
struct Next {
  GetInstanceProcAddr find;
  DestroyInstance destroy;
  EnumeratePhysicalDevices enumerate;
  EnumeratePhysicalDeviceGroups enumerateGroups;
  GetPhysicalDeviceProperties2 properties;
};

std::mutex mutex;
std::map<void*, Next> instances;
std::string shown;

Next nextOf(Instance instance) {
  const std::lock_guard lock(mutex);
  const auto found = instances.find(instance->dispatch);
  return found == instances.end() ? Next{} : found->second;
}

/// The one device that is to be shown; null if all are.
PhysicalDevice chosen(Instance instance, const Next& next) {
  PhysicalDevice device = nullptr;
  const char* const wanted = std::getenv("DAWNPOUR_VULKAN_DEVICE");
  if (wanted && next.properties) {
    const std::vector<PhysicalDevice> devices = physicalDevices(instance, next.enumerate);
    const std::vector<std::string> ids = identify(devices, next.properties);
    const auto found = std::find(ids.begin(), ids.end(), wanted);
    if (found != ids.end()) device = devices[found - ids.begin()];
  }
  const std::lock_guard lock(mutex);
  shown = device ? wanted : "";
  return device;
}

/// Answers as Vulkan's list functions do, for a list of one item: the count if there is no array, else as many items as fit.
template <typename Item, typename Write>
Result answerOne(uint32_t* count, Item* items, Write write) {
  if (items && *count == 0) return incomplete;
  if (items) write(*items);
  *count = 1;
  return success;
}

Result enumeratePhysicalDevices(Instance instance, uint32_t* count, PhysicalDevice* devices) {
  const Next next = nextOf(instance);
  if (!next.enumerate) return initializationFailed;
  const PhysicalDevice only = chosen(instance, next);
  if (!only) return next.enumerate(instance, count, devices);
  return answerOne(count, devices, [only](PhysicalDevice& device) { device = only; });
}

Result enumeratePhysicalDeviceGroups(Instance instance, uint32_t* count, PhysicalDeviceGroupProperties* groups) {
  const Next next = nextOf(instance);
  if (!next.enumerate || !next.enumerateGroups) return initializationFailed;
  const PhysicalDevice only = chosen(instance, next);
  if (!only) return next.enumerateGroups(instance, count, groups);
  return answerOne(count, groups, [only](PhysicalDeviceGroupProperties& group) {
    group.count = 1;
    group.devices[0] = only;
    // subsetAllocation: whether memory can be allocated on a part of the group. One device has no parts.
    group.subsetAllocation = 0;
  });
}

template <typename Pointer>
Pointer lookUp(GetInstanceProcAddr find, Instance instance, const char* name) {
  return reinterpret_cast<Pointer>(find(instance, name));
}

Next lookUpAll(GetInstanceProcAddr find, Instance instance) {
  auto groups = lookUp<EnumeratePhysicalDeviceGroups>(find, instance, "vkEnumeratePhysicalDeviceGroups");
  if (!groups) groups = lookUp<EnumeratePhysicalDeviceGroups>(find, instance, "vkEnumeratePhysicalDeviceGroupsKHR");
  return {find, lookUp<DestroyInstance>(find, instance, "vkDestroyInstance"),
          lookUp<EnumeratePhysicalDevices>(find, instance, "vkEnumeratePhysicalDevices"), groups,
          findProperties2(find, instance)};
}

/// The link to the next layer. The chain belongs to the loader, and layers are meant to change it.
LayerInstanceCreateInfo* linkInfo(const InstanceCreateInfo& info) {
  for (auto* each = static_cast<const Chained*>(info.next); each; each = static_cast<const Chained*>(each->next)) {
    if (each->type != loaderInstanceCreateInfo) continue;
    auto* const found = reinterpret_cast<LayerInstanceCreateInfo*>(const_cast<Chained*>(each));
    if (found->function == layerLinkInfo) return found;
  }
  return nullptr;
}

Result createInstance(const InstanceCreateInfo* info, const void* allocator, Instance* instance) {
  LayerInstanceCreateInfo* const here = linkInfo(*info);
  if (!here || !here->link) return initializationFailed;
  const GetInstanceProcAddr find = here->link->nextGetInstanceProcAddr;
  const auto create = lookUp<CreateInstance>(find, nullptr, "vkCreateInstance");
  if (!create) return initializationFailed;
  here->link = here->link->next;
  const Result result = create(info, allocator, instance);
  if (result != success) return result;
  const Next next = lookUpAll(find, *instance);
  const std::lock_guard lock(mutex);
  instances[(*instance)->dispatch] = next;
  return success;
}

void destroyInstance(Instance instance, const void* allocator) {
  if (!instance) return;
  const Next next = nextOf(instance);
  {
    const std::lock_guard lock(mutex);
    instances.erase(instance->dispatch);
  }
  if (next.destroy) next.destroy(instance, allocator);
}

Function getInstanceProcAddr(Instance instance, const char* name) {
  const std::pair<const char*, Function> wrapped[] = {
      {"vkGetInstanceProcAddr", reinterpret_cast<Function>(getInstanceProcAddr)},
      {"vkCreateInstance", reinterpret_cast<Function>(createInstance)},
      {"vkDestroyInstance", reinterpret_cast<Function>(destroyInstance)},
      {"vkEnumeratePhysicalDevices", reinterpret_cast<Function>(enumeratePhysicalDevices)},
      {"vkEnumeratePhysicalDeviceGroups", reinterpret_cast<Function>(enumeratePhysicalDeviceGroups)},
      {"vkEnumeratePhysicalDeviceGroupsKHR", reinterpret_cast<Function>(enumeratePhysicalDeviceGroups)},
  };
  for (const auto& [known, function] : wrapped) {
    if (std::strcmp(name, known) == 0) return function;
  }
  const Next next = instance ? nextOf(instance) : Next{};
  return next.find ? next.find(instance, name) : nullptr;
}

}  // namespace

std::string shownDevice() {
  const std::lock_guard lock(mutex);
  return shown;
}

}  // namespace dawnpour::vulkan

/// The function by whose name the loader finds a layer in a library. This layer has no vkGetDeviceProcAddr, so the functions of
/// devices do not go through it.
extern "C" __attribute__((visibility("default"))) dawnpour::vulkan::Result vkNegotiateLoaderLayerInterfaceVersion(
    dawnpour::vulkan::NegotiateLayerInterface* interface) {
  constexpr uint32_t spoken = 2;
  if (!interface || interface->version < spoken) return dawnpour::vulkan::initializationFailed;
  interface->version = spoken;
  interface->getInstanceProcAddr = dawnpour::vulkan::getInstanceProcAddr;
  interface->getDeviceProcAddr = nullptr;
  interface->getPhysicalDeviceProcAddr = nullptr;
  return dawnpour::vulkan::success;
}
