#include "gemm.h"

#include <limits>
#include <type_traits>

#include "../chip/first_cache.h"

namespace dawnpour {
namespace {

/// The longest stretch of the inner dimension. Most layers fit in one stretch, and C is then written once.
constexpr size_t DEPTH_BLOCK = 1024;

/// Floats of a group of packed columns of B. A group fits the second-level cache of any chip.
constexpr size_t GROUP = size_t{1} << 16;

/// For products with fewer multiply-adds a second thread costs more time than it saves.
constexpr size_t SMALL = size_t{1} << 18;

/// Packing a column of B costs about as much as multiplying it with this many rows.
constexpr size_t PACKING_ROWS = 16;

/// Reading a row of A once costs about as much as multiplying it with this many columns, in vectors.
constexpr double READING_VECTORS = 0.5;

/// Where rows of op(A) are columns of A, a tile uses only a part of each cache line that it reads. That costs nothing where the
/// inner dimension is at most SHALLOW, because these lines stay in the first cache, or where C has at most NARROW columns.
constexpr size_t SHALLOW = 512, NARROW = 256;

size_t blocks(size_t count, size_t size) { return (count + size - 1) / size; }

}  // namespace

Gemm::Gemm(const Kernels& kernels, const GemmOperands& operands) : kernels_(kernels), operands_(operands) {
  const View &a = operands.a, &b = operands.b;
  rows_ = operands.out.rows;
  columns_ = operands.out.columns;
  depth_ = operands.transposeA ? a.rows : a.columns;
  a_ = operands.transposeA ? Side{a, 1, a.columns} : Side{a, a.columns, 1};
  b_ = operands.transposeB ? Side{b, b.columns, 1} : Side{b, 1, b.columns};
  if (operands.out.narrow()) sums_.emplace(operands.out.count() * sizeof(float));
  // Blocks of equal size, so there is no short block at the end.
  depthBlock_ = blocks(depth_, blocks(depth_, DEPTH_BLOCK));
  const size_t tileRows = static_cast<size_t>(kernels.tileRows), panels = blocks(rows_, tileRows);
  packs_ = packsRows();
  const size_t most = Team::SHARED_SCRATCH / (depthBlock_ * tileRows);
  rowBlock_ = blocks(panels, blocks(panels, most)) * tileRows;
}

bool Gemm::packsRows() const {
  // Narrow floats must be widened, which packing does.
  if (operands_.a.narrow()) return true;
  if (a_.lineStride == 1) return depthBlock_ > SHALLOW && columns_ > NARROW;
  return FirstCache::crowds(static_cast<size_t>(kernels_.tileRows), a_.lineStride * sizeof(float));
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
      if (packs_) {
        if (!first && threads > 1) worker.team.barrier(worker.thread);
        first = false;
        packRows(worker, threads, row, rows, position, depth);
        if (threads > 1) worker.team.barrier(worker.thread);
      }
      if (operands_.out.narrow()) {
        withNarrow(operands_.out,
                   [&](auto type) { multiply<decltype(type)>(worker, mine, row, position, depth); });
      } else {
        multiply<float>(worker, mine, row, position, depth);
      }
    }
  }
}

/// Cuts C into a grid with one rectangle for each thread. Of all grids it takes the one whose largest rectangle is the least
/// work.
Gemm::Part Gemm::part(size_t rows, int thread, int threads) const {
  const size_t tileRows = static_cast<size_t>(kernels_.tileRows), lanes = static_cast<size_t>(kernels_.lanes);
  const size_t panels = blocks(rows, tileRows), vectors = blocks(columns_, lanes);
  int across = 1;
  double least = std::numeric_limits<double>::infinity();
  for (int n = 1; n <= threads; ++n) {
    if (threads % n != 0) continue;
    const size_t height = std::min(rows, blocks(panels, static_cast<size_t>(threads / n)) * tileRows);
    const size_t width = blocks(vectors, static_cast<size_t>(n));
    const double work = static_cast<double>(height + PACKING_ROWS) * (static_cast<double>(width) + READING_VECTORS);
    if (work < least) {
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
  pack(a_, row + begin, end - begin, position, depth, kernels_.tileRows, 1,
       worker.team.sharedScratch() + begin * depth);
}

void Gemm::pack(const Side& side, size_t line, size_t count, size_t position, size_t depth, int width, int granularity,
                float* to) const {
  if (side.view.narrow()) {
    withNarrow(side.view, [&](auto type) {
      using T = decltype(type);
      kernels_.narrowed<T>().pack(side.from<T>(line, position), count, depth, width, granularity, to);
    });
  } else {
    kernels_.pack(side.from<float>(line, position), count, depth, width, granularity, to);
  }
}

template <typename T>
void Gemm::multiply(Worker worker, const Part& part, size_t row, size_t position, size_t depth) const {
  if (part.row >= part.rowEnd) return;
  float* const packed = worker.team.ownScratch(worker.thread);
  const size_t tileColumns = static_cast<size_t>(kernels_.tileColumns);
  const size_t group = GROUP / (depth * tileColumns) * tileColumns;
  const bool last = position + depth == depth_;
  constexpr bool narrows = !std::is_same_v<T, float>;
  const auto run = [this](const Block<T>& block) {
    if constexpr (narrows) {
      kernels_.narrowed<T>().multiply(block);
    } else {
      kernels_.multiply(block);
    }
  };
  for (size_t column = part.column; column < part.columnEnd; column += group) {
    const size_t end = std::min(column + group, part.columnEnd), columns = end - column;
    pack(b_, column, columns, position, depth, kernels_.tileColumns, kernels_.lanes, packed);

    const size_t start = (row + part.row) * columns_ + column;
    const auto from = [start](const View& view) { return view ? view.at<T>() + start : nullptr; };
    float* const sums = narrows ? sums_->floats() + start : operands_.out.at() + start;
    const Epilogue<T> epilogue{operands_.bias ? operands_.bias.at() + column : nullptr, from(operands_.preActivation),
                               operands_.activation, operands_.derivative, from(operands_.at),
                               narrows ? from(operands_.out) : nullptr};
    const bool fetches = !b_.view.narrow();
    const Lines<float> a = packs_ ? Lines<float>{worker.team.sharedScratch() + part.row * depth, 1, 0}
                                  : a_.from<float>(row + part.row, position);
    run({a, packs_, packed, sums, columns_, part.rowEnd - part.row, columns, depth,
         operands_.accumulate || position > 0, last && !epilogue.empty() ? &epilogue : nullptr,
         fetches ? b_.from<float>(end, position) : Lines<float>{},
         fetches ? std::min(group, part.columnEnd - end) : 0});
  }
}

}  // namespace dawnpour
