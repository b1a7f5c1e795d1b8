/** An actor system in a simulated world, with a log of its events. */
import type { Behavior, Start } from "../../src/actor/behavior.js";
import { ActorSystem, type SystemOptions } from "../../src/actor/system.js";
import { SimulatedWorld } from "../../src/world/simulated/world.js";

export function smallSystem(options: Partial<SystemOptions> = {}, seed = 0) {
  const world = new SimulatedWorld(seed);
  const system = new ActorSystem({ world, seed, onFailure: () => undefined, ...options });
  const trace: string[] = [];
  system.events.subscribe((event) => {
    if (event.path !== "") {
      trace.push(`${event.event}${"reason" in event ? ` (${event.reason})` : ""} ${event.path}`);
    }
  });
  return { world, system, trace, settle: (milliseconds = 0) => world.time.advance(milliseconds) };
}

export type SmallSystem = ReturnType<typeof smallSystem>;

/** An actor with this function as its `receive`. */
export const receiving =
  <M>(receive: Behavior<M>["receive"]): Start<M> =>
  () => ({ receive });

export const forever = (): Promise<void> => new Promise(() => undefined);
