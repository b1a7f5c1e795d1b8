#include "symmetric.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dawnpour {
namespace {

/// The most steps for one eigenvalue. Two are usual.
constexpr int MOST_TRIES = 60;
/// Number of rotations for each row that are collected before they are applied together.
constexpr size_t ROTATIONS_EACH = 16;
/// Columns that a thread rotates at a time. A strip of that number of columns and all rows stays in the second cache.
constexpr size_t STRIP = 64;
/// Vectors that a thread reflects at a time. Each reflection is read once for all of them.
constexpr size_t BLOCK = 8;
constexpr double EPSILON = std::numeric_limits<double>::epsilon();

}  // namespace

SymmetricEigen::SymmetricEigen(const DoubleKernels& kernels, size_t size, bool withVectors)
    : kernels_(kernels),
      size_(size),
      withVectors_(withVectors),
      diagonal_(size),
      beside_(size),
      factors_(size),
      image_(size),
      update_(size),
      turned_(withVectors ? size * size : 0),
      order_(size) {
  if (withVectors) rotations_.reserve((ROTATIONS_EACH + 1) * size);
}

bool SymmetricEigen::solve(Worker worker, double* matrix) {
  if (!tridiagonalise(worker, matrix) || !diagonalise(worker)) return false;
  if (worker.thread == 0 && !failed_) sort();
  return worker.team.barrier(worker.thread) && !failed_;
}

bool SymmetricEigen::tridiagonalise(Worker worker, double* matrix) {
  for (size_t k = 0; k + 1 < size_; ++k) {
    if (worker.thread == 0) reflect(matrix, k);
    if (!worker.team.barrier(worker.thread)) return false;
    sweep(worker, matrix, k);
    if (!worker.team.barrier(worker.thread)) return false;
  }
  if (worker.thread == 0) diagonal_[size_ - 1] = matrix[size_ * size_ - 1];
  return true;
}

/// Applies the pending update to row k, and replaces the row by the reflection that clears it.
void SymmetricEigen::reflect(double* matrix, size_t k) {
  double* const row = matrix + k * size_;
  if (k > 0) {
    const double* const v = row - size_;
    const size_t count = size_ - k;
    const double factor = factors_[k - 1];
    const double middle = factor * factor / 2 * kernels_.dot(&image_[k], v + k, count);
    for (size_t i = k; i < size_; ++i) update_[i] = factor * image_[i] - middle * v[i];
    kernels_.update(row + k, v[k], &update_[k], update_[k], v + k, v + k, count);
  }
  diagonal_[k] = row[k];
  double* const v = row + k + 1;
  const size_t count = size_ - k - 1;
  // The row is scaled, because squares of small numbers would be zero.
  double scale = 0;
  for (size_t i = 0; i < count; ++i) scale = std::max(scale, std::abs(v[i]));
  beside_[k] = v[0];
  factors_[k] = 0;
  if (count == 1 || !(scale > 0)) return;
  for (size_t i = 0; i < count; ++i) v[i] /= scale;
  const double length = std::sqrt(kernels_.dot(v, v, count));
  const double image = v[0] > 0 ? -length : length;
  factors_[k] = 1 / (length * (length + std::abs(v[0])));
  v[0] -= image;
  beside_[k] = image * scale;
}

/// Updates the rows below k and multiplies them by reflection k, in one pass over them.
void SymmetricEigen::sweep(Worker worker, double* matrix, size_t k) {
  const double* const next = matrix + k * size_;
  const double* const last = next - size_;
  const size_t first = k + 1, count = size_ - first;
  const Share share(count, worker.thread, worker.team.threads());
  for (size_t i = first + share.begin; i < first + share.end; ++i) {
    double* const row = matrix + i * size_;
    image_[i] = k == 0 ? kernels_.dot(row + first, next + first, count)
                       : kernels_.update(row + first, last[i], &update_[first], update_[i], last + first, next + first, count);
  }
}

bool SymmetricEigen::diagonalise(Worker worker) {
  const Share columns(size_, worker.thread, worker.team.threads());
  if (worker.thread == 0) {
    next_ = 0;
    tries_ = 0;
    // An element smaller than this is a rounding error: the reflections have rounded the whole matrix. A threshold relative to
    // the neighbours of an element would not do. A covariance of fewer rows than columns has a block that is all rounding
    // errors, and the steps would not converge there.
    double largest = 0;
    for (size_t i = 0; i < size_; ++i) largest = std::max({largest, std::abs(diagonal_[i]), std::abs(beside_[i])});
    negligible_ = EPSILON * largest;
    done_ = failed_ = false;
    std::fill(turned_.begin(), turned_.end(), 0.0);
    for (size_t i = 0; withVectors_ && i < size_; ++i) turned_[i * (size_ + 1)] = 1;
  }
  for (;;) {
    if (worker.thread == 0) findRotations();
    if (!worker.team.barrier(worker.thread)) return false;
    for (size_t at = columns.begin; at < columns.end; at += STRIP) rotate(at, std::min(at + STRIP, columns.end));
    const bool done = done_;
    // All threads must have applied the rotations before the next ones replace them.
    if (!worker.team.barrier(worker.thread)) return false;
    if (done) return true;
  }
}

/// Makes steps until there are enough rotations, or the matrix is diagonal.
void SymmetricEigen::findRotations() {
  rotations_.clear();
  for (; next_ < size_; ++next_, tries_ = 0) {
    for (size_t end = blockEnd(next_); end != next_; end = blockEnd(next_)) {
      failed_ = ++tries_ > MOST_TRIES;
      done_ = failed_;
      if (failed_) return;
      step(next_, end);
      if (rotations_.size() >= ROTATIONS_EACH * size_) return;
    }
    failed_ = !std::isfinite(diagonal_[next_]);
    if (failed_) break;
  }
  done_ = true;
}

/// The last row of the block that begins at `begin`: it is not coupled to the next row.
size_t SymmetricEigen::blockEnd(size_t begin) const {
  size_t end = begin;
  while (end + 1 < size_ && !(std::abs(beside_[end]) <= negligible_)) ++end;
  return end;
}

/// One QL step with Wilkinson's shift, after EISPACK's imtql2.
void SymmetricEigen::step(size_t begin, size_t end) {
  double* const d = diagonal_.data();
  double* const e = beside_.data();
  double g = (d[begin + 1] - d[begin]) / (2 * e[begin]);
  double r = std::hypot(g, 1.0);
  g = d[end] - d[begin] + e[begin] / (g + std::copysign(r, g));
  double sine = 1, cosine = 1, p = 0;
  for (size_t i = end; i-- > begin;) {
    const double f = sine * e[i], b = cosine * e[i];
    r = std::hypot(f, g);
    e[i + 1] = r;
    if (r == 0) {
      // The block splits here.
      d[i + 1] -= p;
      e[end] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - p;
    r = (d[i] - g) * sine + 2 * cosine * b;
    p = sine * r;
    d[i + 1] = g + p;
    g = cosine * r - b;
    if (withVectors_) rotations_.push_back({i, cosine, sine});
  }
  d[begin] -= p;
  e[begin] = g;
  e[end] = 0;
}

void SymmetricEigen::rotate(size_t firstColumn, size_t lastColumn) {
  for (const auto& [at, cosine, sine] : rotations_) {
    double* const lower = &turned_[at * size_ + firstColumn];
    kernels_.rotate(lower, lower + size_, cosine, sine, lastColumn - firstColumn);
  }
}

void SymmetricEigen::sort() {
  for (size_t i = 0; i < size_; ++i) order_[i] = i;
  std::sort(order_.begin(), order_.end(), [this](size_t a, size_t b) {
    return diagonal_[a] > diagonal_[b] || (diagonal_[a] == diagonal_[b] && a < b);
  });
}

void SymmetricEigen::vectors(Worker worker, const double* matrix, size_t count, double* out) const {
  const Share share(count, worker.thread, worker.team.threads());
  for (size_t i = share.begin; i < share.end && !worker.team.cancelled(); i += BLOCK) {
    const size_t end = std::min(i + BLOCK, share.end);
    for (size_t j = i; j < end; ++j) {
      const double* const row = &turned_[order_[j] * size_];
      std::copy(row, row + size_, out + j * size_);
    }
    reflectBack(matrix, out + i * size_, end - i);
    for (size_t j = i; j < end; ++j) makePositive(out + j * size_, size_);
  }
}

void SymmetricEigen::reflectBack(const double* matrix, double* rows, size_t count) const {
  for (size_t k = size_ - 1; k-- > 0;) {
    const double* const v = matrix + k * size_ + k + 1;
    const size_t length = size_ - k - 1;
    for (size_t j = 0; factors_[k] != 0 && j < count; ++j) {
      double* const row = rows + j * size_ + k + 1;
      kernels_.add(-factors_[k] * kernels_.dot(v, row, length), v, row, length);
    }
  }
}

void makePositive(double* row, size_t size) {
  double largest = 0;
  for (size_t i = 0; i < size; ++i) largest = std::abs(row[i]) > std::abs(largest) ? row[i] : largest;
  for (size_t i = 0; largest < 0 && i < size; ++i) row[i] = -row[i];
}

}  // namespace dawnpour
