// The physical devices that Vulkan reaches. The loader is opened at run time: without it there are none.
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
  /// Memory of its own: the largest of its device-local heaps.
  uint64_t memoryBytes;
};

/// In the loader's order. Where the layer shows one alone, that one. Loads drivers into this process, for good.
std::vector<ListedDevice> listDevices();

}  // namespace dawnpour::vulkan
