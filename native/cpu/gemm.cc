#include "gemm.h"

#include <limits>

namespace dawnpour {
namespace {

/// The longest stretch of the inner dimension: whole layers in one go, which writes C once.
constexpr size_t DEPTH_BLOCK = 1024;

/// Multiply-adds below which a second thread costs more than it brings.
constexpr size_t SMALL = size_t{1} << 18;

/// Packing a column of B costs about as much as multiplying it with this many rows.
constexpr size_t PACKING_ROWS = 8;

size_t blocks(size_t count, size_t size) { return (count + size - 1) / size; }

}  // namespace

Gemm::Gemm(const Kernels& kernels, const GemmOperands& operands) : kernels_(kernels), operands_(operands) {
  const View &a = operands.a, &b = operands.b;
  rows_ = operands.out.rows;
  columns_ = operands.out.columns;
  depth_ = operands.transposeA ? a.rows : a.columns;
  a_ = operands.transposeA ? Lines{a.at(), 1, a.columns} : Lines{a.at(), a.columns, 1};
  b_ = operands.transposeB ? Lines{b.at(), b.columns, 1} : Lines{b.at(), 1, b.columns};
  // Equal blocks, so that no short one is left over.
  depthBlock_ = blocks(depth_, blocks(depth_, DEPTH_BLOCK));
  const size_t panels = Team::SHARED_SCRATCH / (depthBlock_ * static_cast<size_t>(kernels.tileRows));
  rowBlock_ = panels * static_cast<size_t>(kernels.tileRows);
}

bool Gemm::parallel() const { return rows_ * columns_ * depth_ >= SMALL; }

void Gemm::run(Worker worker) {
  const int threads = parallel() ? worker.team.threads() : 1;
  bool first = true;
  for (size_t row = 0; row < rows_; row += rowBlock_) {
    const size_t rows = std::min(rowBlock_, rows_ - row);
    const Part mine = part(rows, worker.thread, threads);
    for (size_t position = 0; position < depth_; position += depthBlock_) {
      const size_t depth = std::min(depthBlock_, depth_ - position);
      if (!first && threads > 1) worker.team.barrier();
      first = false;
      packRows(worker, threads, row, rows, position, depth);
      if (threads > 1) worker.team.barrier();
      multiply(worker, mine, row, position, depth);
    }
  }
}

/// Cuts C into a grid of one rectangle a thread; of all grids, the one whose largest rectangle is the least work.
Gemm::Part Gemm::part(size_t rows, int thread, int threads) const {
  const size_t tileRows = static_cast<size_t>(kernels_.tileRows), lanes = static_cast<size_t>(kernels_.lanes);
  const size_t panels = blocks(rows, tileRows), vectors = blocks(columns_, lanes);
  int across = 1;
  size_t least = std::numeric_limits<size_t>::max();
  for (int n = 1; n <= threads; ++n) {
    if (threads % n != 0) continue;
    const size_t height = blocks(panels, static_cast<size_t>(threads / n)) * tileRows + PACKING_ROWS;
    const size_t work = height * blocks(vectors, static_cast<size_t>(n));
    if (work <= least) {
      least = work;
      across = n;
    }
  }
  const Share down(panels, thread / across, threads / across), along(vectors, thread % across, across);
  return {down.begin * tileRows, std::min(down.end * tileRows, rows), along.begin * lanes,
          std::min(along.end * lanes, columns_)};
}

void Gemm::packRows(Worker worker, int threads, size_t row, size_t rows, size_t position, size_t depth) const {
  const size_t tileRows = static_cast<size_t>(kernels_.tileRows);
  const Share panels(blocks(rows, tileRows), worker.thread, threads);
  const size_t begin = panels.begin * tileRows, end = std::min(panels.end * tileRows, rows);
  if (begin >= end) return;
  const Lines lines{a_.from + (row + begin) * a_.lineStride + position * a_.depthStride, a_.lineStride, a_.depthStride};
  kernels_.pack(lines, end - begin, depth, kernels_.tileRows, 1, worker.team.sharedScratch() + begin * depth);
}

void Gemm::multiply(Worker worker, const Part& part, size_t row, size_t position, size_t depth) const {
  if (part.row >= part.rowEnd) return;
  float* const packed = worker.team.ownScratch(worker.thread);
  const size_t tileColumns = static_cast<size_t>(kernels_.tileColumns);
  const size_t group = Team::OWN_SCRATCH / (depth * tileColumns) * tileColumns;
  const bool last = position + depth == depth_;
  const auto linesFrom = [&](size_t column) {
    return Lines{b_.from + column * b_.lineStride + position * b_.depthStride, b_.lineStride, b_.depthStride};
  };
  for (size_t column = part.column; column < part.columnEnd; column += group) {
    const size_t end = std::min(column + group, part.columnEnd), columns = end - column;
    kernels_.pack(linesFrom(column), columns, depth, kernels_.tileColumns, kernels_.lanes, packed);

    const size_t start = (row + part.row) * columns_ + column;
    const auto from = [start](const View& view) { return view ? view.at() + start : nullptr; };
    const Epilogue epilogue{operands_.bias ? operands_.bias.at() + column : nullptr, from(operands_.preActivation),
                            operands_.activation, operands_.derivative, from(operands_.at)};
    kernels_.multiply({worker.team.sharedScratch() + part.row * depth, packed, from(operands_.out), columns_,
                       part.rowEnd - part.row, columns, depth, operands_.accumulate || position > 0,
                       last && !epilogue.empty() ? &epilogue : nullptr, linesFrom(end),
                       std::min(group, part.columnEnd - end)});
  }
}

}  // namespace dawnpour
