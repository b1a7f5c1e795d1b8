// Vulkan's physical devices as JavaScript sees them: see physical.ts, which describes these functions with their types.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportVulkan(Napi::Object exports);

}  // namespace dawnpour
