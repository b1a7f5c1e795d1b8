/** How long nodes wait for one another. Each time leaves room for the shorter ones. */
import { UsageError } from "../error.js";
import { durationText } from "../world/duration.js";

/** Milliseconds. */
export interface ClusterTimes {
  /** Between two heartbeats. */
  readonly heartbeat: number;
  /** Silence after which a node counts as hung and is ended. */
  readonly timeout: number;
  /**
   * Time that a worker may take for one part before its process is ended: its device may hang while the process lives.
   */
  readonly stepTimeout: number;
  /** The longest pause before a node is started again. */
  readonly restartPause: number;
  /** Time that a worker keeps its state without a coordinator. */
  readonly patience: number;
}

/** The times of a run that sets none. */
export const DEFAULT_TIMES: ClusterTimes = {
  heartbeat: 400,
  timeout: 1500,
  stepTimeout: 60_000,
  restartPause: 3000,
  patience: 20_000,
};

/**
 * The times of a run: those given, and the default ones.
 *
 * @param given undefined counts as not given
 * @throws UsageError with the rule that is broken
 */
export function resolveTimes(given: { readonly [T in keyof ClusterTimes]?: number | undefined } = {}): ClusterTimes {
  const those = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const times: ClusterTimes = { ...DEFAULT_TIMES, ...those };
  const { heartbeat, timeout, stepTimeout, restartPause, patience } = times;
  rule(heartbeat >= 10, `heartbeat ${text(heartbeat)}: at least 10ms`);
  rule(
    timeout >= 3 * heartbeat,
    `timeout ${text(timeout)} with heartbeat ${text(heartbeat)}: the timeout must be at least three heartbeats, because a heartbeat may be late`,
  );
  rule(
    stepTimeout >= timeout,
    `step timeout ${text(stepTimeout)} with timeout ${text(timeout)}: a step must be allowed at least the timeout, or busy workers are taken for hung ones`,
  );
  rule(
    patience >= timeout + restartPause,
    `patience ${text(patience)} with timeout ${text(timeout)} and restart pause ${text(restartPause)}: it must be at least their sum, or workers end before a new coordinator can be there`,
  );
  return times;
}

const text = (milliseconds: number): string => durationText(milliseconds);

function rule(holds: boolean, otherwise: string): void {
  if (!holds) throw new UsageError(otherwise);
}
