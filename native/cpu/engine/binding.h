// The CPU device for JavaScript. src/device/cpu/addon.ts describes these functions, with their types.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportCpuDevice(Napi::Object exports);

}  // namespace dawnpour
