// What processes of one machine share: memory, and their end.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportProcess(Napi::Env env, Napi::Object exports);

}  // namespace dawnpour
