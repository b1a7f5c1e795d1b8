/** The times of a run as they would be on as many machines as it has parts, each with one core, and with links. */
import { roundsOf } from "../strategies/rounds/rounds-of.js";
import { CORE } from "./device-model.js";
import { parseTopology } from "./exchange.js";
import { RoundClock, type RoundClockOptions } from "./round-clock.js";

/** Seconds until each step at which a round ends. */
export function virtualTimes(
  run: Omit<RoundClockOptions, "reduce" | "device">,
  steps: number,
): ReadonlyMap<number, number> {
  const clock = new RoundClock({ ...run, reduce: parseTopology("star"), device: CORE });
  let now = 0;
  return new Map(
    [...roundsOf(run.strategy, steps)].map(({ round, step }) => {
      const { part, exchange, update } = clock.seconds(round);
      now += part + exchange + update;
      return [step, now];
    }),
  );
}
