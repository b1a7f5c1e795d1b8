// The ids of physical devices. An id is the device's UUID. Where several devices have the same UUID, as two copies of one
// software driver do, the ids of the second, third, ... in the loader's order end in `#2`, `#3`, ...
#pragma once

#include <string>
#include <vector>

#include "vulkan.h"

namespace dawnpour::vulkan {

/// The physical devices; an empty list where Vulkan gives none.
std::vector<PhysicalDevice> physicalDevices(Instance instance, EnumeratePhysicalDevices enumerate);

/// The ids of `devices`, in the same order. All are different.
std::vector<std::string> identify(const std::vector<PhysicalDevice>& devices, GetPhysicalDeviceProperties2 properties);

/// The function vkGetPhysicalDeviceProperties2, by this name or by its older name as an extension.
GetPhysicalDeviceProperties2 findProperties2(GetInstanceProcAddr find, Instance instance);

}  // namespace dawnpour::vulkan
