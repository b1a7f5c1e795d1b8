// The tree sum and the barrier as JavaScript sees them.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportCollective(Napi::Object exports);

}  // namespace dawnpour
