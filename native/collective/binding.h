// The JavaScript interface of the tree sum and the barrier.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportCollective(Napi::Object exports);
/// The functions of the barrier alone.
void exportBarrier(Napi::Object exports);

}  // namespace dawnpour
