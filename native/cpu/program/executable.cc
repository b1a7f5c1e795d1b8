#include "executable.h"

namespace dawnpour {

Executable::Executable(std::vector<OpPointer> ops, std::vector<std::shared_ptr<Memory>> memory)
    : memory_(std::move(memory)) {
  for (size_t i = 0; i < ops.size(); ++i) {
    const bool last = i + 1 == ops.size();
    const bool parallel = ops[i]->parallel();
    const bool barrier = last || parallel || ops[i + 1]->parallel();
    steps_.push_back({std::move(ops[i]), parallel, barrier});
  }
}

void Executable::run(Team& team, uint64_t times) const {
  const std::function<void(int)> job = [&](int thread) { walk({team, thread}, times); };
  team.run(job);
}

void Executable::walk(Worker worker, uint64_t times) const {
  for (uint64_t i = 0; i < times; ++i) {
    for (const Step& step : steps_) {
      if (step.parallel || worker.thread == 0) step.op->run(worker);
      if (step.barrier && !worker.team.barrier(worker.thread)) return;
    }
  }
}

}  // namespace dawnpour
