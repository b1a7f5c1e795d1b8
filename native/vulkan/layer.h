// A Vulkan layer that shows one physical device and hides the others. The environment variable DAWNPOUR_VULKAN_DEVICE names that
// device by its id (identity.h). The addon itself is the layer's library. layer.json beside this file tells that to the Vulkan
// loader, and VK_LAYER_PATH and VK_INSTANCE_LAYERS switch the layer on. So the loader and Node load the same library into one
// process, and Node can ask what the layer did.
//
// If there is no such device, the layer hides nothing, because an empty list makes other layers crash.
#pragma once

#include <string>

namespace dawnpour::vulkan {

/// The id of the one device that was shown when devices were last listed in this process; empty if all were shown.
std::string shownDevice();

}  // namespace dawnpour::vulkan
