#include "identity.h"

#include <map>

namespace dawnpour::vulkan {
namespace {

/// A UUID as text, in the usual form of 8-4-4-4-12 digits.
std::string text(const uint8_t (&uuid)[16]) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += digits[uuid[i] >> 4];
    out += digits[uuid[i] & 15];
  }
  return out;
}

}  // namespace

std::vector<PhysicalDevice> physicalDevices(Instance instance, EnumeratePhysicalDevices enumerate) {
  std::vector<PhysicalDevice> devices;
  Result result = incomplete;
  // The list is incomplete if a device was plugged in between the two calls.
  while (result == incomplete) {
    uint32_t count = 0;
    if (enumerate(instance, &count, nullptr) != success || count == 0) return {};
    devices.resize(count);
    result = enumerate(instance, &count, devices.data());
    devices.resize(count);
  }
  return result == success ? devices : std::vector<PhysicalDevice>{};
}

std::vector<std::string> identify(const std::vector<PhysicalDevice>& devices, GetPhysicalDeviceProperties2 properties) {
  std::map<std::string, int> seen;
  std::vector<std::string> ids;
  for (const PhysicalDevice device : devices) {
    PhysicalDeviceIdProperties identity{};
    identity.type = physicalDeviceIdProperties;
    PhysicalDeviceProperties2 all{};
    all.type = physicalDeviceProperties2;
    all.next = &identity;
    properties(device, &all);
    const std::string uuid = text(identity.deviceUuid);
    const int ordinal = ++seen[uuid];
    ids.push_back(ordinal == 1 ? uuid : uuid + "#" + std::to_string(ordinal));
  }
  return ids;
}

GetPhysicalDeviceProperties2 findProperties2(GetInstanceProcAddr find, Instance instance) {
  Function found = find(instance, "vkGetPhysicalDeviceProperties2");
  if (!found) found = find(instance, "vkGetPhysicalDeviceProperties2KHR");
  return reinterpret_cast<GetPhysicalDeviceProperties2>(found);
}

}  // namespace dawnpour::vulkan
