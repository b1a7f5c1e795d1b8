// The tree sum as JavaScript sees it.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportCollective(Napi::Env env, Napi::Object exports);

}  // namespace dawnpour
