// Finds the instruction sets and units that this chip has and the operating system supports.
#include "../dot/model.h"

#if defined(__x86_64__) || defined(_M_X64)
#define DAWNPOUR_X86
#ifdef _MSC_VER
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#ifdef DAWNPOUR_UNITS
#include <sys/syscall.h>
#include <unistd.h>
#endif
#elif defined(__aarch64__) || defined(_M_ARM64)
#define DAWNPOUR_ARM
#endif

namespace dawnpour {

extern const Kernels portableKernels;

#ifdef DAWNPOUR_X86
extern const Kernels avx512Kernels, avx2Kernels;
#ifdef DAWNPOUR_UNITS
extern const DotKernels amxKernels, avx512Bf16Kernels;
#endif

namespace {

struct Registers {
  uint32_t a, b, c, d;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
#ifdef _MSC_VER
  int r[4];
  __cpuidex(r, static_cast<int>(leaf), static_cast<int>(subleaf));
  return {static_cast<uint32_t>(r[0]), static_cast<uint32_t>(r[1]), static_cast<uint32_t>(r[2]),
          static_cast<uint32_t>(r[3])};
#else
  Registers r{};
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
#endif
}

/// The register files that the operating system saves.
uint64_t savedState() {
#ifdef _MSC_VER
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

constexpr bool all(uint64_t value, uint64_t bits) { return (value & bits) == bits; }
constexpr uint32_t bit(int n) { return uint32_t{1} << n; }

struct Chip {
  bool avx2, avx512;
};

Chip chip() {
  const uint32_t basic = cpuid(1).c, extended = cpuid(7).b;
  constexpr uint32_t fma = bit(12), osxsave = bit(27), avx = bit(28), f16c = bit(29);
  if (!all(basic, fma | osxsave | avx | f16c)) return {false, false};
  constexpr uint32_t avx2 = bit(5), avx512 = bit(16) | bit(17) | bit(30) | bit(31);  // F, DQ, BW, VL
  const uint64_t saved = savedState();
  return {all(extended, avx2) && all(saved, 0x06), all(extended, avx2 | avx512) && all(saved, 0xe6)};
}

#ifdef DAWNPOUR_UNITS
/// Whether Linux can save the tiles of AMX. A process must ask for that (`DotKernels::request`).
bool systemSavesTiles() {
  constexpr long SUPPORTED = 0x1021;
  constexpr int TILE_DATA = 18;
  uint64_t supported = 0;
  return syscall(SYS_arch_prctl, SUPPORTED, &supported) == 0 && all(supported, bit(TILE_DATA));
}

bool hasTiles() {
  constexpr uint32_t amxBf16 = bit(22), amxTile = bit(24);
  return all(cpuid(7).d, amxBf16 | amxTile) && all(savedState(), 0x60000) && systemSavesTiles();
}

bool hasPairs() { return all(cpuid(7, 1).a, bit(5)); }
#endif

}  // namespace
#endif

#ifdef DAWNPOUR_ARM
extern const Kernels neonKernels;
#endif

const Kernels* const* availableKernels() {
  struct List {
    const Kernels* entries[4] = {};
    List() {
      const Kernels** next = entries;
#ifdef DAWNPOUR_X86
      const Chip has = chip();
      if (has.avx512) *next++ = &avx512Kernels;
      if (has.avx2) *next++ = &avx2Kernels;
#elif defined(DAWNPOUR_ARM)
      *next++ = &neonKernels;
#endif
      *next = &portableKernels;
    }
  };
  static const List list;
  return list.entries;
}

const DotKernels* const* availableDotKernels(const Kernels& kernels) {
  static const DotKernels* const models[] = {&tileModel, &pairModel, nullptr};
  static const DotKernels* const none[] = {nullptr};
  if (&kernels == &portableKernels) return models;
#if defined(DAWNPOUR_X86) && defined(DAWNPOUR_UNITS)
  struct List {
    const DotKernels* entries[3] = {};
    List() {
      const DotKernels** next = entries;
      if (hasTiles()) *next++ = &amxKernels;
      if (hasPairs()) *next = &avx512Bf16Kernels;
    }
  };
  static const List list;
  if (&kernels == &avx512Kernels) return list.entries;
#endif
  return none;
}

}  // namespace dawnpour
