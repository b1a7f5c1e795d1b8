// How one worker passes a barrier in one round: it writes the checksum and the loss of its part, arrives, and waits for the other
// workers. It calls no JavaScript, so it may run on any thread.
#pragma once

#include <cstdint>

#include "barrier.h"

namespace dawnpour {

struct Arrival {
  Barrier barrier;
  /// The entry that this worker writes and the others read.
  uint64_t* checksum;
  double* loss;
  uint32_t number, round, parties;
  /// The longest time to wait for the other workers.
  double milliseconds;

  /// Returns whether all workers have arrived.
  bool pass(uint64_t ownChecksum, double ownLoss) const {
    // Both are written before the arrival, so a worker that sees the arrival sees both.
    *checksum = ownChecksum;
    *loss = ownLoss;
    Barrier::State state = barrier.arrive(number, round, parties);
    if (state == Barrier::State::waiting) state = barrier.wait(number, round, milliseconds);
    return state == Barrier::State::passed;
  }
};

}  // namespace dawnpour
