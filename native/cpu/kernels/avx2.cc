#include "../simd/avx2.h"

namespace {
constexpr int TILE_ROWS = 6, TILE_VECTORS = 2;
}  // namespace

#include "table.h"

namespace dawnpour {
extern const Kernels avx2Kernels;
const Kernels avx2Kernels = kernelTable("avx2");
}  // namespace dawnpour
