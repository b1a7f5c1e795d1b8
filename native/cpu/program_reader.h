// Turns the ops of a program, as JavaScript objects in the form of op.ts, into ops of this device.
#pragma once

#include <napi.h>

#include "dot.h"
#include "executable.h"

namespace dawnpour {

/// A buffer as JavaScript holds it. Releasing it leaves the memory to its other users.
using MemoryHandle = Napi::External<std::shared_ptr<Memory>>;

/// `buffers` has a MemoryHandle for each buffer that the ops name; `arithmetic` is used before this returns, its kernels
/// and units for as long as the program. Throws for what the builder would not have let through.
std::shared_ptr<Executable> readProgram(const Arithmetic& arithmetic, const Napi::Array& ops, const Napi::Object& buffers);

}  // namespace dawnpour
