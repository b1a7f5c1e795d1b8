// How many lanes of a vector take part in a load or a store. A loop over a row has `Full` steps, and one `Part` at the end. Both
// are types, so the same loop body compiles to plain instructions for `Full` and to masked ones for `Part`.
//
// Everything in `simd/` and `kernels/` is compiled once for each instruction set. It is in unnamed namespaces and uses no
// templates of libraries. Otherwise the linker could share a function between two instruction sets, with instructions that the
// chip lacks.
#pragma once

#include <cstddef>

#include "../kernels/bfloat.h"
#include "../kernels/half.h"

// Unrolls the next loop, whose count is a constant. Each of its vectors must become a register.
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
