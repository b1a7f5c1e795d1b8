#include "../simd/avx512.h"

namespace {
constexpr int TILE_ROWS = 12, TILE_VECTORS = 2;
}  // namespace

#include "table.h"

namespace dawnpour {
extern const Kernels avx512Kernels;
const Kernels avx512Kernels = kernelTable("avx512");
}  // namespace dawnpour
