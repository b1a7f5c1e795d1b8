// A tree sum, of which several threads take a range each. None of it is JavaScript's: it may run on any thread.
#pragma once

#include <cstddef>
#include <vector>

#include "../cpu/kernels.h"
#include "../cpu/team.h"

namespace dawnpour {

struct TreeSum {
  const Kernels* kernels;
  std::vector<const float*> parts;
  /// Null when the parts are only looked at.
  float* out;
  size_t length;

  /// Adds the elements of a range; returns what was found there of each part.
  std::vector<Inspection> range(size_t begin, size_t end) const;

  /// Adds all, by all threads of a team.
  std::vector<Inspection> by(Team& team) const;
};

/// Takes what was found of a range to what was found of others.
void join(std::vector<Inspection>& all, const std::vector<Inspection>& range);

}  // namespace dawnpour
