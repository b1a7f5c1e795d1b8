// One worker's passage of one round of a barrier: it writes the checksum and the loss of its part, arrives, and waits for
// the others. No JavaScript is involved: it may run on any thread.
#pragma once

#include <cstdint>

#include "barrier.h"

namespace dawnpour {

struct Arrival {
  Barrier barrier;
  /// Entry of this worker, which the others read.
  uint64_t* checksum;
  double* loss;
  uint32_t number, round, parties;
  /// Longest wait for the others.
  double milliseconds;

  /// Whether all have arrived.
  bool pass(uint64_t ownChecksum, double ownLoss) const {
    // Written before the arrival: the others see both, or neither.
    *checksum = ownChecksum;
    *loss = ownLoss;
    Barrier::State state = barrier.arrive(number, round, parties);
    if (state == Barrier::State::waiting) state = barrier.wait(number, round, milliseconds);
    return state == Barrier::State::passed;
  }
};

}  // namespace dawnpour
