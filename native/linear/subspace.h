// The leading eigenpairs of a symmetric positive semidefinite matrix by subspace iteration, as in
// src/analysis/subspace-iteration.ts, but all in double precision. All threads of a team work in step. The bits do not depend on
// their number.
#pragma once

#include <cstddef>
#include <vector>

#include "symmetric.h"

namespace dawnpour {

class SubspaceIteration {
 public:
  /// Allocates all memory; the other functions allocate none. Of `width` pairs, the first `count` are wanted.
  SubspaceIteration(const DoubleKernels& kernels, size_t size, size_t width, size_t count, int threads);

  /// Iterates for the matrix [size, size], beginning with the rows of `basis` [width, size]. At the end these rows are the
  /// eigenvectors. Called by every thread. Returns false to all threads when the team was cancelled, or the matrix has no
  /// eigenvalues.
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
  /// Basis times matrix [width, size]; that times the transposed basis [width, width]; the eigenvectors of the latter.
  std::vector<double> image_, compressed_, turns_;
  /// For each thread: columns of the matrix, side by side.
  std::vector<std::vector<double>> panels_;
  double scale_ = 0, shift_ = 0;
};

}  // namespace dawnpour
