// Units that multiply pairs of bfloat16 numbers and add the products to sums in f32: the tiles of Intel's AMX (TDPBF16PS), and
// VDPBF16PS of AVX-512 BF16. Both read their operands in the same order, so they share the panels that this file defines.
//
// A panel holds PANEL_LINES lines, step by step along the inner dimension. A line is a row of op(A) or a column of op(B). A step
// holds one or more parts, because a number may be given as a sum of several bfloat16. Each part of a step is two tiles of
// TILE_LINES lines and STEP_DEPTH positions:
//   of A: tile[line][position];   of B: tile[position / 2][line][position % 2].
// Lines and positions beyond the end are zeros. A tile that begins beyond the end has no defined contents.
#pragma once

#include <cstddef>

#include "../kernels/kernels.h"

namespace dawnpour {

constexpr size_t TILE_LINES = 16, PANEL_LINES = 2 * TILE_LINES, STEP_DEPTH = 32;
/// BFloats in one tile.
constexpr size_t TILE_SIZE = TILE_LINES * STEP_DEPTH;
static_assert(SUMS_STRIDE == PANEL_LINES);

enum class Side { a, b };

/// A line is multiplied by a power of two before it is split. Its largest element is then at least 2^SCALED and less than twice
/// that, or as near to it as the largest float factor allows. So a sum of 2^20 products does not overflow.
constexpr int SCALED = 52, LARGEST_SCALE = 126;

struct DotKernels {
  const char* name;
  /// Whether the unit is faster than fused multiply-adds of floats on this chip.
  bool (*fast)();
  /// Asks the system to let all threads of this process use the unit, before its first use. Returns false if the system refuses.
  bool (*request)();
  /// `enter` is called before a thread's work on an op, `leave` after it.
  void (*enter)();
  void (*leave)();
  /// Packs `count` lines of `depth` positions into panels.
  void (*pack)(const Lines<BFloat>& lines, Side side, size_t count, size_t depth, BFloat* to);
  /// Packs lines of floats. Each line is scaled by 2^exponents[line] and split into `parts`: x = x1 + x2 + ..., where each part
  /// is x minus the earlier parts, rounded. A line that is not finite has an infinite exponent, and its packed contents are not
  /// defined. Sets the exponents of whole panels.
  void (*split)(const Lines<float>& lines, Side side, int parts, size_t count, size_t depth, BFloat* to, float* exponents);
  /// The product of a panel of A and one of B, of `steps` steps: `sums[i * SUMS_STRIDE + j]`. Where `rowTiles` or `columnTiles`
  /// is 1, only the first tile of each part is used. Of three parts the six largest products of parts are added, of two parts
  /// three.
  void (*multiply)(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums);
};

/// How a device multiplies: by fused multiply-adds, or with a unit for pairs.
struct Arithmetic {
  const Kernels& kernels;
  /// The unit; null where products of bfloat16 are fused multiply-adds of floats, too.
  const DotKernels* dot = nullptr;
  /// Number of parts into which floats are split for the unit; 0 where products of floats are fused multiply-adds.
  int parts = 0;
  /// Whether floats are split in small products too, which gain nothing by it.
  bool always = false;
};

/// The units that can be used with `kernels` on this chip, best first. The portable kernels have a model of each unit. The list
/// ends with null.
const DotKernels* const* availableDotKernels(const Kernels& kernels);

}  // namespace dawnpour
