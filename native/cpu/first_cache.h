// The first-level data cache: small, and at any one address with room for a few lines only. Lines whose addresses differ by
// a multiple of its span, which is sets times line size, compete for the same places.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>

#ifdef __linux__
#include <unistd.h>
#endif

namespace dawnpour {

struct FirstCache {
  /// Of x86 chips, where the sets are found by the address within a page; a guess elsewhere.
  static constexpr size_t LINE = 64, SPAN = 4096;

  /// Lines that fit where they compete; 8 where the system does not tell, as older chips have.
  static size_t ways() {
#if defined(__linux__) && defined(_SC_LEVEL1_DCACHE_ASSOC)
    static const long told = sysconf(_SC_LEVEL1_DCACHE_ASSOC);
    if (told > 0) return static_cast<size_t>(told);
#endif
    return 8;
  }

  /// Whether so many lines, a `stride` of bytes apart, drive one another out.
  static bool crowds(size_t lines, size_t stride) {
    const size_t places = std::max<size_t>(1, SPAN / std::max(LINE, std::gcd(stride, SPAN)));
    return (lines + places - 1) / places > ways();
  }
};

}  // namespace dawnpour
