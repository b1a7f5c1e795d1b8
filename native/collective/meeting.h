// One worker's way through one round that several go through together: it says what its part looks like, and waits for the
// others. None of it is JavaScript's: it may run on any thread.
#pragma once

#include <cstdint>

#include "barrier.h"

namespace dawnpour {

struct Meeting {
  Barrier barrier;
  /// Where the others find the checksum and the loss of the part.
  uint64_t* checksum;
  double* loss;
  uint32_t number, round, parties;
  /// To wait for the others.
  double milliseconds;

  /// Whether all have come.
  bool attend(uint64_t ownChecksum, double ownLoss) const {
    // Seen by whoever sees the arrival.
    *checksum = ownChecksum;
    *loss = ownLoss;
    Barrier::State state = barrier.arrive(number, round, parties);
    if (state == Barrier::State::waiting) state = barrier.wait(number, round, milliseconds);
    return state == Barrier::State::passed;
  }
};

}  // namespace dawnpour
