// The CPU device as JavaScript sees it: see addon.ts, which describes these functions with their types.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportCpuDevice(Napi::Object exports);

}  // namespace dawnpour
