// How many lanes of a vector take part in a load or a store. Loops over a row run in `Full` steps and end with one
// `Part`; both are types, so the same loop body compiles to plain instructions for the one and masked for the other.
//
// Everything in `simd/` and `kernels/` is compiled once per instruction set. It lives in unnamed namespaces and uses no
// library templates: a function the linker shared between two instruction sets could hold instructions that the chip lacks.
#pragma once

#include <cstddef>

#include "../bfloat.h"
#include "../half.h"

// Unrolls the loop that follows, whose count is a constant: its vectors must each become a register.
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define UNROLL _Pragma("GCC unroll 16")
#else
#define UNROLL
#endif

namespace {

using dawnpour::BFloat;
using dawnpour::Half;

struct Full {};
struct Part {
  int count;
};

}  // namespace
