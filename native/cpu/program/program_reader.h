// Turns the ops of a program, as JavaScript objects in the form of op.ts, into ops of this device.
#pragma once

#include <napi.h>

#include <functional>

#include "../dot/dot.h"
#include "executable.h"

namespace dawnpour {

/// `buffers` has a MemoryHandle for each buffer that the ops name. The kernels and the unit of `arithmetic` must outlive the
/// program; `arithmetic` itself need not. `host(number)` runs the op of that number in JavaScript. Throws for a program that the
/// builder would refuse.
std::shared_ptr<Executable> readProgram(const Arithmetic& arithmetic, const Napi::Array& ops, const Napi::Object& buffers,
                                        const std::function<void(uint32_t)>& host = {});

}  // namespace dawnpour
