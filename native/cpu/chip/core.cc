#include "core.h"

#ifdef __linux__
#include <sched.h>
#endif

namespace dawnpour {

#ifdef __linux__

int currentCore() { return sched_getcpu(); }

void leaveCore(int core) {
  cpu_set_t allowed;
  // This fails where the machine has more cores than the set has room for. The thread then stays where it is.
  if (core < 0 || core >= CPU_SETSIZE || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return;
  cpu_set_t others = allowed;
  CPU_CLR(core, &others);
  if (CPU_COUNT(&others) == 0 || sched_setaffinity(0, sizeof others, &others) != 0) return;
  sched_setaffinity(0, sizeof allowed, &allowed);
}

#else

int currentCore() { return UNKNOWN_CORE; }

void leaveCore(int) {}

#endif

}  // namespace dawnpour
