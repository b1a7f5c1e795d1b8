// The core that a thread runs on. When the scheduler puts two threads of a team on one core, they take turns there, because each
// yields while it waits for the other. The scheduler leaves them there, because their caches are warm, though another core is
// idle. All work then takes twice as long. So a thread that waits checks for this, and moves to another core.
#pragma once

namespace dawnpour {

/// Stands for a core that the system does not report. Two unknown cores never count as the same core.
constexpr int UNKNOWN_CORE = -1;

/// The core that this thread runs on.
int currentCore();

/// Moves this thread to another core, if it may run on one. The scheduler may move it back later.
void leaveCore(int core);

}  // namespace dawnpour
