#include "list.h"

#include <dlfcn.h>

#include <algorithm>
#include <utility>

#include "identity.h"
#include "layer.h"
#include "vulkan.h"

namespace dawnpour::vulkan {
namespace {

GetInstanceProcAddr openLoader() {
  // The loader is never closed: drivers leave threads and exit handlers behind.
  void* const loader = dlopen("libvulkan.so.1", RTLD_NOW | RTLD_LOCAL);
  return loader ? reinterpret_cast<GetInstanceProcAddr>(dlsym(loader, "vkGetInstanceProcAddr")) : nullptr;
}

Instance makeInstance(GetInstanceProcAddr find) {
  const auto create = reinterpret_cast<CreateInstance>(find(nullptr, "vkCreateInstance"));
  ApplicationInfo application{};
  application.type = applicationInfo;
  application.applicationName = "dawnpour";
  application.apiVersion = apiVersion(1, 1);
  InstanceCreateInfo info{};
  info.type = instanceCreateInfo;
  info.application = &application;
  Instance instance = nullptr;
  return create && create(&info, nullptr, &instance) == success ? instance : nullptr;
}

/// The usual name of a driver with its version. If the driver reports no text for its version, the number is decoded as Vulkan's
/// versions are.
std::string describeDriver(const PhysicalDeviceDriverProperties& driver, uint32_t version) {
  const std::string name = driver.name;
  if (driver.info[0]) return name + (name.empty() ? "" : " ") + driver.info;
  const auto part = [version](int shift, uint32_t mask) { return std::to_string(version >> shift & mask); };
  const std::string number = part(22, 0x7f) + "." + part(12, 0x3ff) + "." + part(0, 0xfff);
  return name + (name.empty() ? "" : " ") + number;
}

uint64_t largestLocalHeap(const PhysicalDeviceMemoryProperties& memory) {
  uint64_t largest = 0;
  for (uint32_t i = 0; i < memory.heapCount; ++i) {
    if (memory.heaps[i].flags & deviceLocal) largest = std::max(largest, memory.heaps[i].size);
  }
  return largest;
}

ListedDevice describe(PhysicalDevice device, std::string id, GetPhysicalDeviceProperties2 properties,
                      GetPhysicalDeviceMemoryProperties memory) {
  PhysicalDeviceDriverProperties driver{};
  driver.type = physicalDeviceDriverProperties;
  PhysicalDeviceProperties2 all{};
  all.type = physicalDeviceProperties2;
  all.next = &driver;
  properties(device, &all);
  PhysicalDeviceMemoryProperties heaps{};
  memory(device, &heaps);
  return {std::move(id), all.properties.name, describeDriver(driver, all.properties.driverVersion),
          all.properties.deviceType, largestLocalHeap(heaps)};
}

std::vector<ListedDevice> devicesOf(Instance instance, GetInstanceProcAddr find) {
  const auto enumerate = reinterpret_cast<EnumeratePhysicalDevices>(find(instance, "vkEnumeratePhysicalDevices"));
  const auto memory =
      reinterpret_cast<GetPhysicalDeviceMemoryProperties>(find(instance, "vkGetPhysicalDeviceMemoryProperties"));
  const GetPhysicalDeviceProperties2 properties = findProperties2(find, instance);
  if (!enumerate || !memory || !properties) return {};
  const std::vector<PhysicalDevice> devices = physicalDevices(instance, enumerate);
  std::vector<std::string> ids = identify(devices, properties);
  // If the layer shows only the second of two devices with one UUID, `identify` has given it the id of the first.
  if (const std::string shown = shownDevice(); ids.size() == 1 && !shown.empty()) ids[0] = shown;
  std::vector<ListedDevice> listed;
  for (size_t i = 0; i < devices.size(); ++i) listed.push_back(describe(devices[i], ids[i], properties, memory));
  return listed;
}

}  // namespace

std::vector<ListedDevice> listDevices() {
  const GetInstanceProcAddr find = openLoader();
  const Instance instance = find ? makeInstance(find) : nullptr;
  if (!instance) return {};
  std::vector<ListedDevice> listed = devicesOf(instance, find);
  const auto destroy = reinterpret_cast<DestroyInstance>(find(instance, "vkDestroyInstance"));
  if (destroy) destroy(instance, nullptr);
  return listed;
}

}  // namespace dawnpour::vulkan
