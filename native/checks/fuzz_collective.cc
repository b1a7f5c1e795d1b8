// Compares the tree sum with its definition. On every instruction set, in ranges or by a team, it must have the bits of pairwise
// additions level by level. It must also find the checksum of each part, and whether the part is finite. A vector begins at any
// float and ends where its memory ends, so the sanitizer notices a read past it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "../collective/tree_sum.h"
#include "../cpu/chip/denormals.h"
#include "bytes.h"

namespace dawnpour {
namespace {

constexpr size_t LENGTHS[] = {1, 2, 15, 16, 17, 255, 256, 257, 2047, 2048, 2049, 4096, 5000};
constexpr float VALUES[] = {0.0f, -0.0f, 1.0f, -1.5f, 3.0e38f, -3.0e38f, 1e-40f, INFINITY, -INFINITY, NAN};
constexpr size_t COUNTS[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 33};

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// A vector that begins at any float and ends where its memory ends.
class Vector {
 public:
  Vector(size_t length, size_t shift) : memory_(new float[length + shift]()), data_(memory_.get() + shift) {}
  float* data() const { return data_; }

 private:
  std::unique_ptr<float[]> memory_;
  float* data_;
};

float element(Bytes& bytes, uint32_t& noise) {
  if (bytes.once(2)) return bytes.of(VALUES);
  noise = noise * 1664525 + 1013904223;
  return static_cast<float>(static_cast<int32_t>(noise)) / 65536.0f;
}

float expectedSum(std::vector<float> level) {
  const bool alone = level.size() == 1;
  while (level.size() > 1) {
    std::vector<float> next;
    for (size_t i = 0; i < level.size(); i += 2) {
      next.push_back(i + 1 < level.size() ? level[i] + level[i + 1] : level[i]);
    }
    level = std::move(next);
  }
  return !alone && std::isnan(level[0]) ? std::nanf("") : level[0];
}

void compare(const std::vector<Inspection>& found, const std::vector<Inspection>& expected) {
  HOLDS(found.size() == expected.size());
  for (size_t part = 0; part < found.size(); ++part) {
    HOLDS(found[part].checksum == expected[part].checksum && found[part].finite == expected[part].finite);
  }
}

void run(Bytes& bytes) {
  static Team team(3);
  const size_t count = bytes.of(COUNTS), length = bytes.of(LENGTHS);
  uint32_t noise = bytes.take<uint32_t>();
  std::vector<Vector> vectors;
  std::vector<const float*> parts;
  for (size_t i = 0; i < count; ++i) {
    vectors.emplace_back(length, bytes.below(16));
    for (size_t k = 0; k < length; ++k) vectors[i].data()[k] = element(bytes, noise);
    parts.push_back(vectors[i].data());
  }

  std::vector<float> sums(length);
  std::vector<Inspection> inspections(count);
  {
    const WithDenormals withDenormals;
    for (size_t k = 0; k < length; ++k) {
      std::vector<float> level;
      for (size_t i = 0; i < count; ++i) {
        level.push_back(parts[i][k]);
        inspections[i].checksum += static_cast<uint64_t>(bitsOf(parts[i][k])) * static_cast<uint32_t>(2 * k + 1);
        inspections[i].finite = inspections[i].finite && std::isfinite(parts[i][k]);
      }
      sums[k] = expectedSum(std::move(level));
    }
  }

  for (const Kernels* const* kernels = availableKernels(); *kernels; ++kernels) {
    const Vector out(length, bytes.below(16));
    const bool adds = count > 1 || bytes.once(2);
    const TreeSum sum{*kernels, parts, adds ? out.data() : nullptr, length};
    std::vector<Inspection> found(count);
    const size_t cut = bytes.below(length + 1);
    if (bytes.once(2)) {
      join(found, sum.range(0, cut));
      join(found, sum.range(cut, length));
    } else {
      found = sum.by(team);
    }
    compare(found, inspections);
    for (size_t k = 0; adds && k < length; ++k) HOLDS(bitsOf(out.data()[k]) == bitsOf(sums[k]));
  }
}

}  // namespace
}  // namespace dawnpour

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dawnpour::Bytes bytes(data, size);
  dawnpour::run(bytes);
  return 0;
}
