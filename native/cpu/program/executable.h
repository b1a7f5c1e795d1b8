// A compiled program: its ops in order, and the memory that they use, which it keeps alive.
#pragma once

#include <vector>

#include "../ops/ops.h"

namespace dawnpour {

class Executable {
 public:
  Executable(std::vector<OpPointer> ops, std::vector<std::shared_ptr<Memory>> memory);

  /// Runs all ops `times` in a row. When the team is cancelled, it stops after the current op.
  void run(Team& team, uint64_t times) const;

 private:
  struct Step {
    OpPointer op;
    bool parallel;
    /// Whether a barrier comes before this op. Two ops that thread 0 runs alone need none between them.
    bool barrier;
  };
  void walk(Worker worker, uint64_t times) const;

  std::vector<Step> steps_;
  std::vector<std::shared_ptr<Memory>> memory_;
};

}  // namespace dawnpour
