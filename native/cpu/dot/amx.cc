// The unit AMX has eight tiles. Four hold 32 x 32 sums, two hold lines of A, and two hold lines of B.
#include "pack_avx512.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace {

/// Linux saves the tiles only for processes that ask for it. After that, signal handlers need larger stacks. So only a device
/// that uses the tiles asks; listing the units of the chip does not.
bool request() {
  constexpr long REQUEST_PERMISSION = 0x1023, TILE_DATA = 18;
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

/// A constant: gcc believes that the instruction reads the first bytes only, and would drop the code that writes the other bytes.
struct alignas(64) TileConfiguration {
  uint8_t palette = 1, startRow = 0, reserved[14] = {};
  uint16_t bytesPerRow[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfiguration CONFIGURATION;

void enter() { _tile_loadconfig(&CONFIGURATION); }

void leave() { _tile_release(); }

bool fast() { return true; }

constexpr size_t PART_SIZE = 2 * TILE_SIZE;
constexpr long ROW_BYTES = 64, SUMS_BYTES = dawnpour::SUMS_STRIDE * sizeof(float);

// The instructions take the numbers of tiles as constants: 0 to 3 are sums, 4 and 5 lines of A, 6 and 7 lines of B.
template <bool tall>
inline void loadA(const BFloat* part) {
  _tile_loadd(4, part, ROW_BYTES);
  if constexpr (tall) _tile_loadd(5, part + TILE_SIZE, ROW_BYTES);
}
template <bool wide>
inline void loadB(const BFloat* part) {
  _tile_loadd(6, part, ROW_BYTES);
  if constexpr (wide) _tile_loadd(7, part + TILE_SIZE, ROW_BYTES);
}
template <bool tall, bool wide>
inline void addProducts() {
  _tile_dpbf16ps(0, 4, 6);
  if constexpr (wide) _tile_dpbf16ps(1, 4, 7);
  if constexpr (tall) _tile_dpbf16ps(2, 5, 6);
  if constexpr (tall && wide) _tile_dpbf16ps(3, 5, 7);
}

/// The products of one step, in the order of the model.
template <int parts, bool tall, bool wide>
inline void addStep(const BFloat* a, const BFloat* b) {
  if constexpr (parts == 1) {
    loadA<tall>(a);
    loadB<wide>(b);
    addProducts<tall, wide>();
  } else {
    loadA<tall>(a + (parts - 1) * PART_SIZE);
    loadB<wide>(b);
    addProducts<tall, wide>();
    loadA<tall>(a);
    addProducts<tall, wide>();
    if constexpr (parts == 3) {
      loadA<tall>(a + PART_SIZE);
      addProducts<tall, wide>();
      loadB<wide>(b + PART_SIZE);
      addProducts<tall, wide>();
      loadA<tall>(a);
      addProducts<tall, wide>();
    }
    loadB<wide>(b + (parts - 1) * PART_SIZE);
    addProducts<tall, wide>();
  }
}

template <int parts, bool tall, bool wide>
void multiplyPanels(const BFloat* a, const BFloat* b, size_t steps, float* sums) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  for (size_t step = 0; step < steps; ++step) {
    addStep<parts, tall, wide>(a, b);
    a += parts * PART_SIZE;
    b += parts * PART_SIZE;
  }
  float* const lower = sums + TILE_LINES * dawnpour::SUMS_STRIDE;
  _tile_stored(0, sums, SUMS_BYTES);
  if constexpr (wide) _tile_stored(1, sums + TILE_LINES, SUMS_BYTES);
  if constexpr (tall) _tile_stored(2, lower, SUMS_BYTES);
  if constexpr (tall && wide) _tile_stored(3, lower + TILE_LINES, SUMS_BYTES);
}

template <int parts>
void multiplyParts(const BFloat* a, const BFloat* b, size_t steps, bool tall, bool wide, float* sums) {
  if (tall) {
    (wide ? multiplyPanels<parts, true, true> : multiplyPanels<parts, true, false>)(a, b, steps, sums);
  } else {
    (wide ? multiplyPanels<parts, false, true> : multiplyPanels<parts, false, false>)(a, b, steps, sums);
  }
}

void multiply(const BFloat* a, const BFloat* b, size_t steps, int parts, int rowTiles, int columnTiles, float* sums) {
  const auto with = parts == 1 ? multiplyParts<1> : parts == 2 ? multiplyParts<2> : multiplyParts<3>;
  with(a, b, steps, rowTiles == 2, columnTiles == 2, sums);
}

}  // namespace

namespace dawnpour {
extern const DotKernels amxKernels;
const DotKernels amxKernels{"amx", fast, request, enter, leave, pack, split, multiply};
}  // namespace dawnpour
