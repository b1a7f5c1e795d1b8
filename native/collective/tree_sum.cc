#include "tree_sum.h"

#include <memory>

#include "../cpu/chip/denormals.h"

namespace dawnpour {
namespace {

static_assert(Team::OWN_SCRATCH >= TREE_SUM_SCRATCH);

void add(const TreeSum& sum, size_t begin, size_t end, Inspection* found, float* scratch) {
  const WithDenormals withDenormals;
  sum.kernels->treeSum(sum.parts.data(), sum.parts.size(), begin, end, sum.out, found, scratch);
}

}  // namespace

std::vector<Inspection> TreeSum::range(size_t begin, size_t end) const {
  std::vector<Inspection> found(parts.size());
  const std::unique_ptr<float[]> scratch(new float[TREE_SUM_SCRATCH]);
  add(*this, begin, end, found.data(), scratch.get());
  return found;
}

std::vector<Inspection> TreeSum::by(Team& team) const {
  const auto threads = static_cast<size_t>(team.threads());
  std::vector<std::vector<Inspection>> found(threads, std::vector<Inspection>(parts.size()));
  team.run([&](int thread) {
    const Share share(length, thread, team.threads());
    add(*this, share.begin, share.end, found[static_cast<size_t>(thread)].data(), team.ownScratch(thread));
  });
  for (size_t thread = 1; thread < threads; ++thread) join(found[0], found[thread]);
  return found[0];
}

void join(std::vector<Inspection>& all, const std::vector<Inspection>& range) {
  all.resize(range.size());
  for (size_t part = 0; part < range.size(); ++part) {
    all[part].checksum += range[part].checksum;
    all[part].finite = all[part].finite && range[part].finite;
  }
}

}  // namespace dawnpour
