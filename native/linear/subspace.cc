#include "subspace.h"

#include <algorithm>
#include <cmath>

namespace dawnpour {
namespace {

/// The smallest relative growth of the sum of eigenvalues that is worth another iteration.
constexpr double TOLERANCE = 1e-13;
constexpr int MOST_ITERATIONS = 100;
constexpr size_t PANEL = 8;
/// The share of the basis that is added to the image, relative to the trace: far above rounding errors, and far below the
/// eigenvalues that matter.
constexpr double SHIFT = 1e-12;

}  // namespace

SubspaceIteration::SubspaceIteration(const DoubleKernels& kernels, size_t size, size_t width, size_t count, int threads)
    : kernels_(kernels),
      size_(size),
      width_(width),
      count_(count),
      ritz_(kernels, width, true),
      image_(width * size),
      compressed_(width * width),
      turns_(width * width),
      panels_(static_cast<size_t>(threads), std::vector<double>(PANEL * size)) {}

bool SubspaceIteration::solve(Worker worker, const double* matrix, double* basis) {
  if (worker.thread == 0) {
    double trace = 0;
    for (size_t i = 0; i < size_; ++i) trace += matrix[i * (size_ + 1)];
    scale_ = trace > 0 ? 1 / trace : 0;
    shift_ = trace > 0 ? SHIFT : 1;
  }
  if (!orthonormalise(worker, basis)) return false;
  double before = 0;
  for (int iteration = 1;; ++iteration) {
    multiply(worker, matrix, basis);
    if (!worker.team.barrier(worker.thread) || !compress(worker, basis)) return false;
    // Every thread computes the same sum.
    const double sum = captured();
    if (sum <= before * (1 + TOLERANCE) || iteration == MOST_ITERATIONS) break;
    before = sum;
    follow(worker, basis);
    if (!worker.team.barrier(worker.thread) || !orthonormalise(worker, basis)) return false;
  }
  ritz_.vectors(worker, compressed_.data(), width_, turns_.data());
  if (!worker.team.barrier(worker.thread)) return false;
  rotate(worker, basis);
  return worker.team.barrier(worker.thread);
}

double SubspaceIteration::captured() const {
  double sum = 0;
  for (size_t i = 0; i < count_; ++i) sum += ritz_.value(i);
  return sum;
}

/// The modified Gram-Schmidt process, twice: after the first pass, rows that were nearly dependent are not yet orthogonal.
bool SubspaceIteration::orthonormalise(Worker worker, double* rows) const {
  for (size_t i = 0; i < 2 * width_; ++i) {
    const size_t at = i % width_;
    const double* const pivot = rows + at * size_;
    const double square = kernels_.dot(pivot, pivot, size_);
    const Share share(width_ - at - 1, worker.thread, worker.team.threads());
    for (size_t j = at + 1 + share.begin; square > 0 && j < at + 1 + share.end; ++j) {
      double* const row = rows + j * size_;
      kernels_.add(-kernels_.dot(pivot, row, size_) / square, pivot, row, size_);
    }
    if (!worker.team.barrier(worker.thread)) return false;
  }
  const Share share(width_, worker.thread, worker.team.threads());
  for (size_t i = share.begin; i < share.end; ++i) {
    double* const row = rows + i * size_;
    const double length = std::sqrt(kernels_.dot(row, row, size_));
    for (size_t j = 0; length > 0 && j < size_; ++j) row[j] /= length;
  }
  return worker.team.barrier(worker.thread);
}

/// image = basis matrix
void SubspaceIteration::multiply(Worker worker, const double* matrix, const double* basis) {
  double* const panel = panels_[static_cast<size_t>(worker.thread)].data();
  const Share share((size_ + PANEL - 1) / PANEL, worker.thread, worker.team.threads());
  for (size_t i = share.begin; i < share.end; ++i) {
    const size_t first = i * PANEL, columns = std::min(PANEL, size_ - first);
    // The matrix is symmetric: its columns are its rows.
    for (size_t j = 0; j < columns; ++j) {
      for (size_t p = 0; p < size_; ++p) panel[p * PANEL + j] = matrix[(first + j) * size_ + p];
    }
    kernels_.multiply(basis, size_, width_, panel, size_, image_.data() + first, size_, columns);
  }
}

/// The eigenpairs of the matrix within the basis (the Rayleigh-Ritz method).
bool SubspaceIteration::compress(Worker worker, const double* basis) {
  const Share share(width_, worker.thread, worker.team.threads());
  for (size_t i = share.begin; i < share.end; ++i) {
    for (size_t j = 0; j < width_; ++j) {
      compressed_[i * width_ + j] = kernels_.dot(&image_[i * size_], basis + j * size_, size_);
    }
  }
  return worker.team.barrier(worker.thread) && ritz_.solve(worker, compressed_.data());
}

/// The next basis: the image, scaled so that its squares neither overflow nor vanish, plus a little of the basis itself, because
/// the image may have fewer dimensions than rows.
void SubspaceIteration::follow(Worker worker, double* basis) const {
  const Share share(width_ * size_, worker.thread, worker.team.threads());
  for (size_t i = share.begin; i < share.end; ++i) basis[i] = scale_ * image_[i] + shift_ * basis[i];
}

/// basis = turns basis, column by column: each column is read before it is written.
void SubspaceIteration::rotate(Worker worker, double* basis) {
  double* const panel = panels_[static_cast<size_t>(worker.thread)].data();
  const Share share((size_ + PANEL - 1) / PANEL, worker.thread, worker.team.threads());
  for (size_t i = share.begin; i < share.end; ++i) {
    const size_t first = i * PANEL, columns = std::min(PANEL, size_ - first);
    for (size_t p = 0; p < width_; ++p) {
      for (size_t j = 0; j < columns; ++j) panel[p * PANEL + j] = basis[p * size_ + first + j];
    }
    kernels_.multiply(turns_.data(), width_, width_, panel, width_, basis + first, size_, columns);
  }
}

}  // namespace dawnpour
