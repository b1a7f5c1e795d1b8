// A zeroed block of memory that starts at a cache line. The system hands out zero pages lazily, so a block costs nothing
// until it is used; large blocks ask for huge pages, which spares the matrix kernels most of their address look-ups.
#pragma once

#include <atomic>
#include <cstddef>
#include <new>

namespace dawnpour {

class Memory {
 public:
  /// Throws std::bad_alloc when there is not that much.
  explicit Memory(size_t bytes);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Bytes in all blocks of this process.
  static size_t inUse() { return inUse_.load(std::memory_order_relaxed); }

  size_t bytes() const { return bytes_; }
  std::byte* data() const { return data_; }
  float* floats() const { return reinterpret_cast<float*>(data_); }

 private:
  static std::atomic<size_t> inUse_;

  size_t bytes_;
  void* block_;
  std::byte* data_;
};

}  // namespace dawnpour
