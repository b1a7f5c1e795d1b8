// The core that a thread is on. Two threads of a team that meet on one core take turns there, each giving way as soon as
// it waits, and stay: a scheduler leaves a thread that has just run where its caches are warm. All work then takes twice
// as long, for as long as the other core stays empty. The one that waits knows better, and moves.
#pragma once

namespace dawnpour {

/// Says nothing where the system does not tell; two threads are never on this one.
constexpr int UNKNOWN_CORE = -1;

/// The core that this thread is on.
int currentCore();

/// Moves this thread to another core, if it may run on another. It may come back later.
void leaveCore(int core);

}  // namespace dawnpour
