// The tree sum of src/collective/collective.ts, on one range: neighbours are added in pairs, level by level, and the last of an
// odd level goes up unchanged. The sum is computed block by block, so each part is read from memory once: it is inspected as it
// is fetched, and added while it is in the cache.
//
// The loops are plain, so that the compiler vectorises them. The bits are the same on every chip: sums of integers are exact,
// each addition of floats is rounded by itself, and a sum that is NaN gets the bits of `NOT_A_NUMBER`.
#pragma once

#include <cstring>

#include "functions.h"

#if defined(_MSC_VER)
#define RESTRICT __restrict
#else
#define RESTRICT __restrict__
#endif

namespace {

using dawnpour::Inspection;

constexpr size_t SUM_BLOCK = 2048;
/// Number of levels, enough for MOST_PARTS.
constexpr int SUM_LEVELS = 16;
static_assert(dawnpour::MOST_PARTS == size_t{1} << SUM_LEVELS);
static_assert(dawnpour::TREE_SUM_SCRATCH == 2 * SUM_LEVELS * SUM_BLOCK);

/// Number of elements that are inspected at once, and of those in a cache line.
constexpr size_t STRETCH = 256, LINE = 16;

struct Span {
  size_t begin, count;
};

constexpr uint32_t NOT_A_NUMBER = 0x7fc00000;

/// `begin` is the index of the first element in its vector.
void inspectStretch(const float* from, size_t begin, size_t count, Inspection& inspection) {
  constexpr uint32_t exponent = 0x7f800000;
  uint64_t checksum = 0;
  uint32_t infinite = 0;
  uint32_t weight = static_cast<uint32_t>(2 * begin + 1);
  for (size_t i = 0; i < count; ++i, weight += 2) {
    uint32_t bits;
    std::memcpy(&bits, from + i, sizeof bits);
    checksum += static_cast<uint64_t>(bits) * weight;
    infinite |= (bits & exponent) == exponent;
  }
  inspection.checksum += checksum;
  inspection.finite = inspection.finite && infinite == 0;
}

/// Inspects a block, and fetches the block at `next`, of another vector, at the same time. The chip itself would begin to fetch
/// that only after its first misses.
void inspectBlock(const float* from, Span span, const float* next, Inspection& inspection) {
  for (size_t i = 0; i < span.count; i += STRETCH) {
    for (size_t ahead = 0; ahead < STRETCH; ahead += LINE) prefetch(next + i + ahead);
    inspectStretch(from + i, span.begin + i, span.count - i < STRETCH ? span.count - i : STRETCH, inspection);
  }
}

void addBlocks(const float* RESTRICT a, const float* RESTRICT b, size_t count, float* RESTRICT out) {
  for (size_t i = 0; i < count; ++i) {
    const float sum = a[i] + b[i];
    uint32_t bits;
    std::memcpy(&bits, &sum, sizeof bits);
    bits = sum == sum ? bits : NOT_A_NUMBER;
    std::memcpy(out + i, &bits, sizeof bits);
  }
}

/// Adds the parts in a span, and returns a pointer to the sum: `out`, or the part itself if there is only one. `next` is the
/// block to fetch after them. `scratch` has two blocks for each level.
const float* sumBlock(const float* const* parts, size_t count, Span span, const float* next, float* out, float* scratch,
                      Inspection* inspections) {
  if (count == 1) {
    const float* const part = parts[0] + span.begin;
    inspectBlock(part, span, next, inspections[0]);
    return part;
  }
  size_t left = 1;
  while (2 * left < count) left *= 2;
  float* const deeper = scratch + 2 * SUM_BLOCK;
  const float* const a = sumBlock(parts, left, span, parts[left] + span.begin, scratch, deeper, inspections);
  const float* const b =
      sumBlock(parts + left, count - left, span, next, scratch + SUM_BLOCK, deeper, inspections + left);
  addBlocks(a, b, span.count, out);
  return out;
}

void treeSum(const float* const* parts, size_t count, size_t begin, size_t end, float* out, Inspection* inspections,
             float* scratch) {
  for (size_t at = begin; at < end; at += SUM_BLOCK) {
    const Span span{at, end - at < SUM_BLOCK ? end - at : SUM_BLOCK};
    float* const target = out == nullptr ? nullptr : out + at;
    const float* const next = parts[0] + at + span.count;
    const float* const sum = sumBlock(parts, count, span, next, target, scratch, inspections);
    if (target != nullptr && sum != target) std::memcpy(target, sum, span.count * sizeof(float));
  }
}

}  // namespace
