// Functions of a process: shared memory, standard error, and the end with its parent.
#pragma once

#include <napi.h>

namespace dawnpour {

void exportProcess(Napi::Object exports);

}  // namespace dawnpour
