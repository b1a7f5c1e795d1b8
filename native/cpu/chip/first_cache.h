// The first-level data cache. It is small, and it has room for a few lines only whose addresses differ by a multiple of its span
// (number of sets times line size): such lines compete for the same places.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>

#ifdef __linux__
#include <unistd.h>
#endif

namespace dawnpour {

struct FirstCache {
  /// The values of x86 chips, which choose the set by the address within a page. On other chips they are a guess.
  static constexpr size_t LINE = 64, SPAN = 4096;

  /// Number of competing lines that fit. Where the system does not tell, it is 8, as on older chips.
  static size_t ways() {
#if defined(__linux__) && defined(_SC_LEVEL1_DCACHE_ASSOC)
    static const long told = sysconf(_SC_LEVEL1_DCACHE_ASSOC);
    if (told > 0) return static_cast<size_t>(told);
#endif
    return 8;
  }

  /// Whether that number of lines, each `stride` bytes after the last, evict one another.
  static bool crowds(size_t lines, size_t stride) {
    const size_t places = std::max<size_t>(1, SPAN / std::max(LINE, std::gcd(stride, SPAN)));
    return (lines + places - 1) / places > ways();
  }
};

}  // namespace dawnpour
