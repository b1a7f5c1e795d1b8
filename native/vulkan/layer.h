// A Vulkan layer that shows one physical device and hides the others: the one that the environment variable
// DAWNPOUR_VULKAN_DEVICE names by its id (identity.h). The addon itself is the layer's library: layer.json beside this file tells
// the Vulkan loader, and VK_LAYER_PATH and VK_INSTANCE_LAYERS switch it on. So in one process the loader and Node have loaded the
// same library, and Node can ask what the layer did.
//
// Where there is no such device the layer hides nothing: an empty list makes other layers crash. `shownDevice` tells.
#pragma once

#include <string>

namespace dawnpour::vulkan {

/// The id of the device that was shown alone when devices were last listed in this process; empty if none was.
std::string shownDevice();

}  // namespace dawnpour::vulkan
