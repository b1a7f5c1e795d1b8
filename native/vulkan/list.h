// The physical devices that Vulkan finds. The Vulkan loader is opened at run time. Without the loader there are none.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace dawnpour::vulkan {

struct ListedDevice {
  std::string id;
  std::string name;
  std::string driver;
  /// VkPhysicalDeviceType: 1 integrated, 2 discrete, 3 virtual, 4 CPU; 0 is for anything else.
  uint32_t type;
  /// The device's own memory: its largest device-local heap.
  uint64_t memoryBytes;
};

/// All devices, in the loader's order; only one where the layer hides the others. Loads drivers into this process, where they
/// stay.
std::vector<ListedDevice> listDevices();

}  // namespace dawnpour::vulkan
