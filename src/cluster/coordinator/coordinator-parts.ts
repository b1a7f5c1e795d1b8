/** The parts that `CoordinatorState` uses. Each has one concern. None of them decides what the coordinator does next. */
import type { Ref } from "../../actor/ref.js";
import { Triggers } from "../../training/triggers.js";
import type { Clock, World } from "../../world/world.js";
import { JournalClient } from "../journal/journal-client.js";
import type { Takeover } from "../journal/journal-protocol.js";
import type { ToCoordinator } from "../protocol.js";
import { Dispatch } from "./dispatch.js";
import { Healing } from "./healing.js";
import { LeaseManager } from "./lease-manager.js";
import { Membership } from "./membership.js";
import { RollbackPolicy } from "./rollback-policy.js";
import { RoundHistory } from "./round-history.js";
import type { StateOptions } from "./state-options.js";
import { VectorTraffic } from "./vector-traffic.js";

export interface CoordinatorParts {
  readonly options: StateOptions;
  readonly clock: Clock;
  readonly traffic: VectorTraffic;
  readonly members: Membership;
  readonly rounds: RoundHistory;
  readonly triggers: Triggers;
  readonly leases: LeaseManager;
  readonly dispatch: Dispatch;
  readonly journal: JournalClient;
  readonly healing: Healing;
  readonly rollbackPolicy: RollbackPolicy;
}

/** @param takeover what the journal knows of the run so far */
export function coordinatorParts(
  options: StateOptions,
  self: Ref<ToCoordinator>,
  { clock, timers }: Pick<World, "clock" | "timers">,
  takeover: Takeover,
): CoordinatorParts {
  const { faultRounds, barrier, times, strategy, divergenceAdvice, link } = options;
  const members = new Membership();
  const journal = new JournalClient(options.journal, self, takeover);
  const rounds = new RoundHistory(options, takeover.snapshot.round);
  const triggers = new Triggers(options.triggers, clock);
  // Under a shared lease the workers read one another's vectors, over no link.
  const parts = strategy.leases && (!link || strategy.parts === 1) ? strategy.parts : 0;
  const leases = new LeaseManager({ triggers, faultRounds, barrier, parts, step: times.step });
  return {
    ...{
      options,
      clock,
      traffic: new VectorTraffic({ link, clock, timers }),
      members,
      rounds,
      triggers,
      leases,
      journal,
    },
    dispatch: new Dispatch(members, rounds, leases, options.times.transit),
    healing: new Healing(members, journal, self, Float32Array.BYTES_PER_ELEMENT * strategy.vectors * strategy.length),
    rollbackPolicy: new RollbackPolicy(divergenceAdvice),
  };
}
