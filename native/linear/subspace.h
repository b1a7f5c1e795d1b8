// The leading eigenpairs of a symmetric positive semidefinite matrix by subspace iteration, as src/analysis/subspace-iteration.ts,
// in double precision throughout. All threads of a team work in step; the bits do not depend on their number.
#pragma once

#include <cstddef>
#include <vector>

#include "symmetric.h"

namespace dawnpour {

class SubspaceIteration {
 public:
  /// Makes room; what follows allocates nothing. `count` of `width` pairs are wanted.
  SubspaceIteration(const DoubleKernels& kernels, size_t size, size_t width, size_t count, int threads);

  /// Of the matrix [size, size], from the rows of `basis` [width, size] on, which then are the eigenvectors. Called by every
  /// thread. False, for all alike, when the team was cancelled, or the matrix has no eigenvalues.
  bool solve(Worker worker, const double* matrix, double* basis);

  double value(size_t i) const { return ritz_.value(i); }
  bool failed() const { return ritz_.failed(); }

 private:
  bool orthonormalise(Worker worker, double* rows) const;
  void multiply(Worker worker, const double* matrix, const double* basis);
  bool compress(Worker worker, const double* basis);
  void rotate(Worker worker, double* basis);
  void follow(Worker worker, double* basis) const;
  double captured() const;

  const DoubleKernels& kernels_;
  size_t size_, width_, count_;
  SymmetricEigen ritz_;
  /// The basis times the matrix [width, size]; the matrix as seen from the basis [width, width]; eigenvectors of that.
  std::vector<double> image_, compressed_, turns_;
  /// Of each thread: columns of the matrix, side by side.
  std::vector<std::vector<double>> panels_;
  double scale_ = 0, shift_ = 0;
};

}  // namespace dawnpour
