// The JavaScript interface of the tree sum and the barrier.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportCollective(Napi::Object exports);
/// The part of them that is the barrier.
void exportBarrier(Napi::Object exports);

}  // namespace dawnpour
