// Memory that several processes map. It has no name: who inherits its file descriptor can map it, and the system frees it
// when the last process that has it ends, however that comes about. So nothing can be left behind.
#pragma once

#include <cstddef>

namespace dawnpour {

/// Zeroed; pages are allocated when they are first used. Returns a file descriptor that is closed in programs this
/// process starts, unless it is handed to them. Throws std::system_error.
int createSharedMemory(size_t bytes);

/// Where `bytes` of the memory from `offset` on, a multiple of a page, are in this process from now on. The file descriptor
/// may be closed then. Throws std::system_error, also when the memory is not as large.
void* mapSharedMemory(int descriptor, size_t offset, size_t bytes);

void unmapSharedMemory(void* data, size_t bytes);

}  // namespace dawnpour
