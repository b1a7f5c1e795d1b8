// A compiled program: its ops in order, and a hold on the memory they point into.
#pragma once

#include <vector>

#include "ops.h"

namespace dawnpour {

class Executable {
 public:
  Executable(std::vector<OpPointer> ops, std::vector<std::shared_ptr<Memory>> memory);

  /// Runs all ops `times` in a row. Stops early, after the op at work, when the team is cancelled.
  void run(Team& team, uint64_t times) const;

 private:
  struct Step {
    OpPointer op;
    bool parallel;
    /// Two ops of thread 0 alone need no barrier between them.
    bool barrier;
  };
  void walk(Worker worker, uint64_t times) const;

  std::vector<Step> steps_;
  std::vector<std::shared_ptr<Memory>> memory_;
};

}  // namespace dawnpour
