// Linear algebra in double precision.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportLinear(Napi::Object exports);

}  // namespace dawnpour
