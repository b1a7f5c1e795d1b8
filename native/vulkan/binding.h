// Vulkan's physical devices for JavaScript. src/device/physical.ts describes these functions, with their types.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportVulkan(Napi::Object exports);

}  // namespace dawnpour
