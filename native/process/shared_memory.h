// Memory that several processes map. It has no name: a process that inherits its file descriptor can map it, and the system
// frees it when the last of these processes ends, for whatever reason. So no memory is left behind.
#pragma once

#include <cstddef>

namespace dawnpour {

/// Creates memory that is zero at first; the system allocates a page when it is first used. Returns a file descriptor. Programs
/// that this process starts do not inherit it unless it is passed to them. Throws std::system_error.
int createSharedMemory(size_t bytes);

/// Maps `bytes` of the memory from `offset` on, a multiple of a page. The file descriptor may be closed afterwards. Throws
/// std::system_error, also when the memory is smaller.
void* mapSharedMemory(int descriptor, size_t offset, size_t bytes);

void unmapSharedMemory(void* data, size_t bytes);

}  // namespace dawnpour
