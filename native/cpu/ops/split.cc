#include "split.h"

#include <utility>

namespace dawnpour {
namespace {

/// The fewest elements for one thread: the slowest function takes about ten microseconds for them. Sums are split into stretches of
/// this length.
constexpr size_t STRETCH = 8192;

size_t blocks(size_t count, size_t size) { return (count + size - 1) / size; }

Share shareOf(size_t stretches, Worker worker, bool parallel) {
  return parallel ? Share(stretches, worker.thread, worker.team.threads()) : Share(stretches, 0, 1);
}

}  // namespace

ForEach::ForEach(size_t items, size_t itemSize, Body body)
    : ForEach(items, itemSize, [body = std::move(body)](size_t begin, size_t end, float*) { body(begin, end); }) {}

ForEach::ForEach(size_t items, size_t itemSize, BodyWithScratch body)
    : items_(items), perStretch_(std::max<size_t>(1, STRETCH / itemSize)), body_(std::move(body)) {}

bool ForEach::parallel() const { return items_ > perStretch_; }

void ForEach::run(Worker worker) {
  const Share share = shareOf(blocks(items_, perStretch_), worker, parallel());
  if (share.begin >= share.end) return;
  body_(share.begin * perStretch_, std::min(share.end * perStretch_, items_), worker.team.ownScratch(worker.thread));
}

Sum::Sum(size_t count, Part part, Finish finish)
    : count_(count), part_(std::move(part)), finish_(std::move(finish)), parts_(blocks(count, STRETCH)) {}

bool Sum::parallel() const { return parts_.size() > 1; }

void Sum::run(Worker worker) {
  const Share share = shareOf(parts_.size(), worker, parallel());
  for (size_t i = share.begin; i < share.end; ++i) {
    parts_[i] = part_(i * STRETCH, std::min((i + 1) * STRETCH, count_));
  }
  if (parallel()) worker.team.barrier(worker.thread);
  if (worker.thread != 0) return;
  double sum = 0;
  for (double part : parts_) sum += part;
  finish_(sum);
}

}  // namespace dawnpour
