// A block of memory that is zero at first and starts at a cache line. The system allocates a page when it is first used, so an
// unused block costs nothing. Large blocks ask for huge pages, which save the matrix kernels most of their address look-ups. A
// block can also be memory of another owner.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <new>

namespace dawnpour {

class Memory {
 public:
  /// Throws MemoryRefused when the system has less memory than that.
  explicit Memory(size_t bytes);
  /// Memory of another owner. `data` is at the start of a cache line. `release` is called, on any thread, after the last use.
  Memory(std::byte* data, size_t bytes, std::function<void()> release);
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// Bytes of all blocks of this process, without memory of other owners.
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
