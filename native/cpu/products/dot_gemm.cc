#include "dot_gemm.h"

#include <cmath>
#include <limits>

namespace dawnpour {
namespace {

/// The longest stretch of the inner dimension. The sums of a stretch stay in the unit's registers.
constexpr size_t DEPTH_BLOCK = 1024;

/// For products with fewer multiply-adds a second thread costs more time than it saves.
constexpr size_t SMALL = size_t{1} << 20;

/// Splitting floats gains time in products of WORTH_SPLITTING multiply-adds or more, with all sizes THIN or more
/// (`bench/lab.md`).
constexpr size_t WORTH_SPLITTING = size_t{1} << 27, THIN = 128;

/// Packing a panel of columns costs about as much as multiplying it with this many panels of rows.
constexpr size_t PACKING_PANELS = 4;

/// Floats at the start of each scratch memory: for the exponents of packed lines, and for the sums of one block.
constexpr size_t MOST_LINES = 8192, BLOCK_SIZE = PANEL_LINES * PANEL_LINES;

size_t blocks(size_t count, size_t size) { return (count + size - 1) / size; }

size_t panelsIn(size_t floats, size_t panelSize) {
  return std::min(floats * sizeof(float) / (panelSize * sizeof(BFloat)), MOST_LINES / PANEL_LINES);
}

}  // namespace

/// Where a thread finds the packed panels.
struct DotGemm::Scratch {
  float* rowExponents;
  BFloat* rows;
  float* columnExponents;
  BFloat* columns;
  float* sums;

  explicit Scratch(Worker worker) {
    float* const shared = worker.team.sharedScratch();
    float* const own = worker.team.ownScratch(worker.thread);
    rowExponents = shared;
    rows = reinterpret_cast<BFloat*>(shared + MOST_LINES);
    columnExponents = own;
    sums = own + MOST_LINES;
    columns = reinterpret_cast<BFloat*>(own + MOST_LINES + BLOCK_SIZE);
  }
  static constexpr size_t ROWS = Team::SHARED_SCRATCH - MOST_LINES;
  static constexpr size_t COLUMNS = Team::OWN_SCRATCH - MOST_LINES - BLOCK_SIZE;
};

bool DotGemm::suits(const Arithmetic& arithmetic, const GemmOperands& o) {
  if (!arithmetic.dot) return false;
  if (o.a.type == Type::bf16) return true;
  if (o.a.type != Type::f32 || arithmetic.parts == 0) return false;
  const size_t depth = o.transposeA ? o.a.rows : o.a.columns;
  const bool thin = std::min({o.out.rows, o.out.columns, depth}) < THIN;
  return arithmetic.always || (!thin && o.out.count() * depth >= WORTH_SPLITTING);
}

DotGemm::DotGemm(const Arithmetic& arithmetic, const GemmOperands& operands)
    : kernels_(arithmetic.kernels), dot_(*arithmetic.dot), operands_(operands) {
  const View &a = operands.a, &b = operands.b, &out = operands.out;
  splits_ = a.type == Type::f32;
  parts_ = splits_ ? arithmetic.parts : 1;
  depth_ = operands.transposeA ? a.rows : a.columns;
  a_ = {a, Side::a, out.rows, operands.transposeA ? 1 : a.columns, operands.transposeA ? a.columns : 1};
  b_ = {b, Side::b, out.columns, operands.transposeB ? b.columns : 1, operands.transposeB ? 1 : b.columns};
  // Blocks of equal size, each of whole steps.
  depthBlock_ = blocks(blocks(depth_, blocks(depth_, DEPTH_BLOCK)), STEP_DEPTH) * STEP_DEPTH;
  if (out.narrow() && depth_ > depthBlock_) sums_.emplace(out.count() * sizeof(float));
}

bool DotGemm::parallel() const { return operands_.out.count() * depth_ >= SMALL; }

void DotGemm::run(Worker worker) {
  const int threads = parallel() ? worker.team.threads() : 1;
  const size_t rowPanels = blocks(a_.lines, PANEL_LINES);
  const Scratch scratch(worker);
  bool first = true;
  dot_.enter();
  for (size_t position = 0; position < depth_; position += depthBlock_) {
    const Stretch stretch{position, std::min(depthBlock_, depth_ - position)};
    const size_t size = panelSize(stretch);
    const size_t rowBlock = blocks(rowPanels, blocks(rowPanels, panelsIn(Scratch::ROWS, size)));
    const size_t group = panelsIn(Scratch::COLUMNS, size);
    for (size_t row = 0; row < rowPanels; row += rowBlock) {
      const size_t rows = std::min(rowBlock, rowPanels - row);
      if (!first && threads > 1) worker.team.barrier(worker.thread);
      first = false;
      const Share share(rows, worker.thread, threads);
      pack(a_, stretch, row + share.begin, row + share.end, scratch.rows + share.begin * size,
           scratch.rowExponents + share.begin * PANEL_LINES);
      if (threads > 1) worker.team.barrier(worker.thread);
      const Part mine = part(rows, worker.thread, threads);
      if (mine.row == mine.rowEnd) continue;
      for (size_t column = mine.column; column < mine.columnEnd; column += group) {
        const size_t end = std::min(column + group, mine.columnEnd);
        pack(b_, stretch, column, end, scratch.columns, scratch.columnExponents);
        multiply(scratch, stretch, row, {mine.row, mine.rowEnd, column, end}, column);
      }
    }
  }
  dot_.leave();
}

/// Cuts C into a grid with one rectangle for each thread. Of all grids it takes the one whose largest rectangle is the least
/// work.
DotGemm::Part DotGemm::part(size_t rowPanels, int thread, int threads) const {
  const size_t columnPanels = blocks(b_.lines, PANEL_LINES);
  int across = 1;
  size_t least = std::numeric_limits<size_t>::max();
  for (int n = 1; n <= threads; ++n) {
    if (threads % n != 0) continue;
    const size_t height = blocks(rowPanels, static_cast<size_t>(threads / n));
    const size_t width = blocks(columnPanels, static_cast<size_t>(n));
    const size_t work = (height + PACKING_PANELS) * width;
    if (work < least) {
      least = work;
      across = n;
    }
  }
  const Share down(rowPanels, thread / across, threads / across), along(columnPanels, thread % across, across);
  return {down.begin, down.end, along.begin, along.end};
}

void DotGemm::pack(const Operand& operand, const Stretch& stretch, size_t panel, size_t panelEnd, BFloat* to,
                   float* exponents) const {
  const size_t line = panel * PANEL_LINES, end = std::min(panelEnd * PANEL_LINES, operand.lines);
  if (line >= end) return;
  const size_t offset = line * operand.lineStride + stretch.position * operand.depthStride;
  if (splits_) {
    const Lines<float> lines{operand.view.at<float>() + offset, operand.lineStride, operand.depthStride};
    dot_.split(lines, operand.side, parts_, end - line, stretch.depth, to, exponents);
  } else {
    const Lines<BFloat> lines{operand.view.at<BFloat>() + offset, operand.lineStride, operand.depthStride};
    dot_.pack(lines, operand.side, end - line, stretch.depth, to);
  }
}

/// Multiplies the panels of `part` with the packed columns. The rows of `part` are counted from panel `firstRow` on.
void DotGemm::multiply(const Scratch& scratch, const Stretch& stretch, size_t firstRow, const Part& part,
                       size_t column) const {
  const size_t size = panelSize(stretch);
  for (size_t i = part.row; i < part.rowEnd; ++i) {
    const size_t row = (firstRow + i) * PANEL_LINES, rows = std::min(PANEL_LINES, a_.lines - row);
    for (size_t j = part.column; j < part.columnEnd; ++j) {
      const size_t first = j * PANEL_LINES, columns = std::min(PANEL_LINES, b_.lines - first);
      const Block block{row, rows, scratch.rowExponents + i * PANEL_LINES, first, columns,
                        scratch.columnExponents + (j - column) * PANEL_LINES};
      dot_.multiply(scratch.rows + i * size, scratch.columns + (j - column) * size, stretch.steps(), parts_,
                    rows > TILE_LINES ? 2 : 1, columns > TILE_LINES ? 2 : 1, scratch.sums);
      const bool scaled = splits_ && !repair(scratch.sums, stretch, block);
      finish(scratch.sums, scaled, stretch, block);
    }
  }
}

void DotGemm::finish(float* sums, bool scaled, const Stretch& stretch, const Block& block) const {
  const View& out = operands_.out;
  const size_t stride = b_.lines, start = block.row * stride + block.column;
  float* const between = sums_ ? sums_->floats() + start : out.narrow() ? nullptr : out.at() + start;
  const bool adds = operands_.accumulate || stretch.position > 0;
  const auto sumsOf = [&](const auto& epilogue) {
    using T = std::remove_pointer_t<decltype(epilogue.out)>;
    return Sums<T>{sums, static_cast<int>(block.rows), static_cast<int>(block.columns),
                   scaled ? block.rowExponents : nullptr, scaled ? block.columnExponents : nullptr,
                   adds ? between : nullptr, epilogue, stride};
  };
  if (stretch.position + stretch.depth < depth_) {
    Epilogue<float> none;
    none.out = between;
    return kernels_.finish(sumsOf(none));
  }
  const auto epilogue = [&](auto type) {
    using T = decltype(type);
    const auto from = [start](const View& view) { return view ? view.at<T>() + start : nullptr; };
    return Epilogue<T>{operands_.bias ? operands_.bias.at() + block.column : nullptr, from(operands_.preActivation),
                       operands_.activation, operands_.derivative, from(operands_.at), from(out)};
  };
  if (!out.narrow()) return kernels_.finish(sumsOf(epilogue(float{})));
  withNarrow(out, [&](auto type) { kernels_.narrowed<decltype(type)>().finish(sumsOf(epilogue(type))); });
}

/// Infinite and NaN values cannot be split: the sums that contain them are computed by multiply-adds. Returns whether there were
/// any; the sums are then no longer scaled.
bool DotGemm::repair(float* sums, const Stretch& stretch, const Block& block) const {
  const auto infinite = [](const float* exponents, size_t count) {
    bool found = false;
    for (size_t i = 0; i < count; ++i) found = found || std::isinf(exponents[i]);
    return found;
  };
  if (!infinite(block.rowExponents, block.rows) && !infinite(block.columnExponents, block.columns)) return false;
  for (size_t i = 0; i < block.rows; ++i) {
    for (size_t j = 0; j < block.columns; ++j) {
      float& sum = sums[i * SUMS_STRIDE + j];
      const float exponent = -block.rowExponents[i] - block.columnExponents[j];
      sum = std::isfinite(exponent) ? std::ldexp(sum, static_cast<int>(exponent))
                                    : dot(stretch, block.row + i, block.column + j);
    }
  }
  return true;
}

float DotGemm::dot(const Stretch& stretch, size_t row, size_t column) const {
  const float* a = a_.view.at() + row * a_.lineStride + stretch.position * a_.depthStride;
  const float* b = b_.view.at() + column * b_.lineStride + stretch.position * b_.depthStride;
  float sum = 0;
  // A sum that is NaN stays NaN, so the loop can end: in a run that has diverged all sums are NaN.
  for (size_t p = 0; p < stretch.depth && !std::isnan(sum); ++p) sum += a[p * a_.depthStride] * b[p * b_.depthStride];
  return sum;
}

}  // namespace dawnpour
