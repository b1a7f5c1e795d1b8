// Which physical device is which: its UUID, and `#2`, `#3`, ... behind that of the second, third, ... with the same one in the
// order in which the loader lists them. Two copies of one software driver have the same UUID.
#pragma once

#include <string>
#include <vector>

#include "vulkan.h"

namespace dawnpour::vulkan {

/// Empty where the list cannot be had.
std::vector<PhysicalDevice> physicalDevices(Instance instance, EnumeratePhysicalDevices enumerate);

/// An id for each of them, in their order; all different.
std::vector<std::string> identify(const std::vector<PhysicalDevice>& devices, GetPhysicalDeviceProperties2 properties);

/// The function by this name, or by the name it had as an extension.
GetPhysicalDeviceProperties2 findProperties2(GetInstanceProcAddr find, Instance instance);

}  // namespace dawnpour::vulkan
