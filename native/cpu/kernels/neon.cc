#include "../simd/neon.h"

namespace {
constexpr int TILE_ROWS = 6, TILE_VECTORS = 4;
}  // namespace

#include "table.h"

namespace dawnpour {
extern const Kernels neonKernels;
const Kernels neonKernels = kernelTable("neon");
}  // namespace dawnpour
