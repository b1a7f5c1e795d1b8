// Eigenpairs of a symmetric matrix (Golub & Van Loan, Matrix Computations, 8.3). Householder reflections make it tridiagonal, and
// QL steps with implicit shifts make that diagonal. The reflections and the rotations of the steps give the vectors. All threads
// of a team work in step. Each row belongs to one thread, so the bits do not depend on the number of threads.
#pragma once

#include <cstddef>
#include <vector>

#include "../cpu/ops/op.h"

namespace dawnpour {

class SymmetricEigen {
 public:
  /// Allocates all memory for matrices of `size` rows; the other functions allocate none.
  SymmetricEigen(const DoubleKernels& kernels, size_t size, bool withVectors);

  /// Finds the eigenvalues of a matrix [size, size], and overwrites it with data that `vectors` needs. Called by every thread of
  /// the team. Returns false to all threads when the team was cancelled, or the matrix has no eigenvalues because it holds NaN.
  bool solve(Worker worker, double* matrix);

  /// Eigenvalue i, in descending order.
  double value(size_t i) const { return diagonal_[order_[i]]; }

  /// Writes the eigenvectors of the `count` largest values as rows of `out` [count, size]. Called by every thread.
  void vectors(Worker worker, const double* matrix, size_t count, double* out) const;

  /// Whether the last matrix had no eigenvalues.
  bool failed() const { return failed_; }

 private:
  /// A rotation of rows `at` and `at + 1`.
  struct Rotation {
    size_t at;
    double cosine, sine;
  };

  bool tridiagonalise(Worker worker, double* matrix);
  void reflect(double* matrix, size_t k);
  void sweep(Worker worker, double* matrix, size_t k);
  bool diagonalise(Worker worker);
  void findRotations();
  size_t blockEnd(size_t begin) const;
  void step(size_t begin, size_t end);
  void rotate(size_t firstColumn, size_t lastColumn);
  void sort();
  void reflectBack(const double* matrix, double* rows, size_t count) const;

  const DoubleKernels& kernels_;
  size_t size_;
  bool withVectors_;
  /// The tridiagonal matrix. Element i of `beside_` couples rows i and i + 1.
  std::vector<double> diagonal_, beside_;
  /// Reflection k is 1 - factors_[k] v v^T, with v in row k of the matrix, right of the diagonal.
  std::vector<double> factors_;
  /// For the last reflection: the matrix times v, and the vector that updates the rows.
  std::vector<double> image_, update_;
  std::vector<Rotation> rotations_;
  /// [size, size], by rows: the eigenvectors of the tridiagonal matrix, once all rotations are applied.
  std::vector<double> turned_;
  std::vector<size_t> order_;
  size_t next_ = 0;
  int tries_ = 0;
  /// An element beside the diagonal that is smaller than this is rounding.
  double negligible_ = 0;
  bool done_ = false, failed_ = false;
};

/// Turns a row so that its largest entry is positive.
void makePositive(double* row, size_t size);

}  // namespace dawnpour
