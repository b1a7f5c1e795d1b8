// A tree sum. Several threads can each add one range. It calls no JavaScript, so it may run on any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "../cpu/kernels/kernels.h"
#include "../cpu/threads/team.h"

namespace dawnpour {

struct TreeSum {
  const Kernels* kernels;
  std::vector<const float*> parts;
  /// Null when the parts are only inspected.
  float* out;
  size_t length;

  /// Adds the elements of a range; returns the inspection of each part there.
  std::vector<Inspection> range(size_t begin, size_t end) const;

  /// Adds all elements, by all threads of a team.
  std::vector<Inspection> by(Team& team) const;
};

/// Merges the inspections of a range into those of other ranges.
void join(std::vector<Inspection>& all, const std::vector<Inspection>& range);

}  // namespace dawnpour
