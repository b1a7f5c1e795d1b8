// What is a process's own: memory that it shares with others, its standard error, and its end with its parent.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportProcess(Napi::Object exports);

}  // namespace dawnpour
