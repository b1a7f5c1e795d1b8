// A zeroed block of memory that starts at a cache line. The system hands out zero pages lazily, so a block costs nothing
// until it is used; large blocks ask for huge pages, which spares the matrix kernels most of their address look-ups.
// Memory of someone else can stand in for a block: what works on blocks works on it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <new>

namespace dawnpour {

class Memory {
 public:
  /// Throws MemoryRefused when there is not that much.
  explicit Memory(size_t bytes);
  /// Memory of another owner, which is called on some thread when the memory is used no more. `data` is at the start of a cache line.
  Memory(std::byte* data, size_t bytes, std::function<void()> release);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Bytes in all blocks of this process, other than borrowed ones.
  static size_t inUse() { return inUse_.load(std::memory_order_relaxed); }

  static bool aligned(const void* data);

  size_t bytes() const { return bytes_; }
  bool borrowed() const { return release_ != nullptr; }
  std::byte* data() const { return data_; }
  float* floats() const { return reinterpret_cast<float*>(data_); }

 private:
  static std::atomic<size_t> inUse_;

  size_t bytes_;
  void* block_ = nullptr;
  std::byte* data_;
  std::function<void()> release_;
};

}  // namespace dawnpour
