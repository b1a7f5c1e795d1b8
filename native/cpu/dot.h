// Units that multiply pairs of bfloat16 numbers and add them to sums in f32: the tiles of Intel's AMX (TDPBF16PS), and
// VDPBF16PS of AVX-512 BF16. Both read their operands in the same order, so they share the panels that this page lays down.
//
// A panel holds PANEL_LINES lines of op(A), which are its rows, or of op(B), which are its columns, step by step along the
// inner dimension. A step holds one or more parts (a number may be given as a sum of several bfloat16), and of each
// part two tiles of TILE_LINES lines and STEP_DEPTH positions:
//   of A: tile[line][position];   of B: tile[position / 2][line][position % 2].
// Lines and positions beyond the end are zeros, but for tiles that begin beyond it, which mean nothing.
#pragma once

#include <cstddef>

#include "kernels.h"

namespace dawnpour {

constexpr size_t TILE_LINES = 16, PANEL_LINES = 2 * TILE_LINES, STEP_DEPTH = 32;
/// BFloats in one tile.
constexpr size_t TILE_SIZE = TILE_LINES * STEP_DEPTH;
static_assert(SUMS_STRIDE == PANEL_LINES);

enum class Side { a, b };

/// A line is scaled by a power of two before it is split, so that its largest element is at least 2^SCALED and less than
/// twice that, or as near to it as a float can bring it. That leaves room for the sum of 2^20 products.
constexpr int SCALED = 52, LARGEST_SCALE = 126;

struct DotKernels {
  const char* name;
  /// Whether the unit is faster than fused multiply-adds of floats on this chip.
  bool (*fast)();
  /// Asks the system for the unit, for all threads of this process; false where it refuses. Before the first use.
  bool (*request)();
  /// Before and after a thread's work on an op.
  void (*enter)();
  void (*leave)();
  /// Packs `count` lines of `depth` positions into panels.
  void (*pack)(const Lines<BFloat>& lines, Side side, size_t count, size_t depth, BFloat* to);
  /// Packs lines of floats, each scaled by 2^exponents[line] and split in `parts`: x = x1 + x2 + ..., where each part is what
  /// those before leave of x, rounded. The exponent of a line that is not finite is infinite, and what is packed of it means
  /// nothing. `exponents` are set for whole panels.
  void (*split)(const Lines<float>& lines, Side side, int parts, size_t count, size_t depth, BFloat* to, float* exponents);
  /// The product of a panel of A and one of B, of `steps` steps: `sums[i * SUMS_STRIDE + j]`. Only the first tiles of each are
  /// looked at where `rowTiles` or `columnTiles` is 1. Of three parts the six products of greatest weight are added, of two three.
  void (*multiply)(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums);
};

/// How a device multiplies: by fused multiply-adds, or with a unit for pairs.
struct Arithmetic {
  const Kernels& kernels;
  /// Null where products of bfloat16 are computed as others are.
  const DotKernels* dot = nullptr;
  /// Parts in which floats are split for that unit; 0 where products of floats are fused multiply-adds.
  int parts = 0;
  /// Whether products too small to gain by it are computed that way, too.
  bool always = false;
};

/// The units that `kernels` can be used with on this chip, best first: the portable kernels have a model of each. The list
/// ends with null.
const DotKernels* const* availableDotKernels(const Kernels& kernels);

}  // namespace dawnpour
