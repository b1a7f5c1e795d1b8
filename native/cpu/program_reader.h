// Turns the ops of a program, as JavaScript objects in the form of op.ts, into ops of this device.
#pragma once

#include <napi.h>

#include <functional>

#include "dot.h"
#include "executable.h"

namespace dawnpour {

/// `buffers` has a MemoryHandle for each buffer that the ops name. `arithmetic` itself need not outlive this call, but its
/// kernels and unit must outlive the program. `host(number)` runs that op in JavaScript. Throws for a program that the builder would
/// refuse.
std::shared_ptr<Executable> readProgram(const Arithmetic& arithmetic, const Napi::Array& ops, const Napi::Object& buffers,
                                        const std::function<void(uint32_t)>& host = {});

}  // namespace dawnpour
