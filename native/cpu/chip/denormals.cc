#include "denormals.h"

#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif

namespace dawnpour {
namespace {

#if defined(__x86_64__) || defined(_M_X64)

/// The bits that make denormals zero when they are read, and when they would be written.
constexpr uint64_t FLUSH = 1u << 6 | 1u << 15;
uint64_t control() { return _mm_getcsr(); }
void setControl(uint64_t value) { _mm_setcsr(static_cast<unsigned>(value)); }

#elif defined(__aarch64__) && !defined(_MSC_VER)

constexpr uint64_t FLUSH = uint64_t{1} << 24;
uint64_t control() {
  uint64_t value;
  __asm__ volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
void setControl(uint64_t value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }

#else

constexpr uint64_t FLUSH = 0;
uint64_t control() { return 0; }
void setControl(uint64_t) {}

#endif

}  // namespace

void flushDenormals() { setControl(control() | FLUSH); }

WithDenormals::WithDenormals() : before_(control()) { setControl(before_ & ~FLUSH); }

WithDenormals::~WithDenormals() { setControl(before_); }

}  // namespace dawnpour
