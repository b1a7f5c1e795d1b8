#include "memory.h"

#include <cstdint>
#include <cstdlib>
#include <limits>
#include <utility>

#include "../../refused.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace dawnpour {
namespace {

constexpr size_t LINE = 64;

#ifdef __linux__
void adviseHugePages(std::byte* data, size_t bytes) {
  constexpr uintptr_t page = 4096, huge = uintptr_t{1} << 21;
  if (bytes < huge) return;
  const uintptr_t first = (reinterpret_cast<uintptr_t>(data) + page - 1) / page * page;
  const uintptr_t last = (reinterpret_cast<uintptr_t>(data) + bytes) / page * page;
  // This is advice only. If the system declines it, the pages are ordinary ones.
  (void)madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
}
#else
void adviseHugePages(std::byte*, size_t) {}
#endif

}  // namespace

std::atomic<size_t> Memory::inUse_{0};

Memory::Memory(size_t bytes) : bytes_(bytes) {
  if (bytes > std::numeric_limits<size_t>::max() - LINE) throw MemoryRefused(bytes);
  block_ = std::calloc(bytes + LINE, 1);
  if (block_ == nullptr) throw MemoryRefused(bytes);
  const uintptr_t start = (reinterpret_cast<uintptr_t>(block_) + LINE - 1) / LINE * LINE;
  data_ = reinterpret_cast<std::byte*>(start);
  adviseHugePages(data_, bytes);
  inUse_ += bytes_;
}

Memory::Memory(std::byte* data, size_t bytes, std::function<void()> release)
    : bytes_(bytes), data_(data), release_(std::move(release)) {}

bool Memory::aligned(const void* data) { return reinterpret_cast<uintptr_t>(data) % LINE == 0; }

Memory::~Memory() {
  if (borrowed()) {
    release_();
  } else {
    inUse_ -= bytes_;
    std::free(block_);
  }
}

}  // namespace dawnpour
