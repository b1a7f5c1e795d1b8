#include "../simd/portable.h"

namespace {
constexpr int TILE_ROWS = 4, TILE_VECTORS = 2;
}  // namespace

#include "table.h"

namespace dawnpour {
extern const Kernels portableKernels;
const Kernels portableKernels = kernelTable("portable");
}  // namespace dawnpour
