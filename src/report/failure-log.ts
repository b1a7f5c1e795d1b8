/**
 * What failed in a run, made from its events: a fault that was injected and the recovery from it are told apart in
 * metrics.jsonl, for training does not know why something failed. Here they are brought together again, by whom they
 * befell and when.
 */
import type { RunEvent } from "../training/event.js";

/** Something that failed: on purpose, by itself, or on purpose without effect. Times are seconds since the start. */
export interface Failure {
  /** Who: a node, a device, `gradient`, `disk`. */
  readonly target: string;
  readonly injected?: Injection;
  readonly recovery?: Recovery;
}

export interface Injection {
  /** As it was asked for: `kill worker-1`. */
  readonly fault: string;
  readonly at: number;
}

type Struck = Failure & { readonly injected: Injection };

export interface Recovery {
  /** How it showed: `its process was killed`. */
  readonly failure: string;
  readonly noticed: number;
  /** When the next step was committed. */
  readonly resumed: number;
  /** Steps whose work had to be done again. */
  readonly stepsLost: number;
}

export interface FailureLog {
  /** In the order in which they struck, or were noticed. */
  readonly failures: readonly Failure[];
  /** From the start to the last event; where a run was resumed its parts stand end to end. */
  readonly seconds: number;
}

/** Undefined when nothing failed. */
export function failureLog(events: readonly RunEvent[]): FailureLog | undefined {
  const failures: Failure[] = [];
  /** Faults that a recovery may yet tell of. */
  const open = new Set<Struck>();
  let [began, seconds] = [0, 0];
  for (const event of events) {
    if (event.event === "start") began = seconds;
    seconds = Math.max(seconds, began + event.time);
    if (event.event === "fault") {
      open.add({ target: event.target, injected: { fault: event.fault, at: began + event.time } });
    } else if (event.event === "recovery") {
      const { target, failure, stepsLost } = event;
      const recovery = { failure, stepsLost, noticed: began + event.noticed, resumed: began + event.resumed };
      const { injected, passed } = explain(open, target, recovery);
      failures.push({ target, injected, recovery }, ...passed);
    }
  }
  failures.push(...open);
  failures.sort((a, b) => beginning(a) - beginning(b));
  return failures.length === 0 ? undefined : { failures, seconds };
}

/** When it struck, as far as that is known. */
export function beginning({ injected, recovery }: Failure): number {
  return injected?.at ?? recovery?.noticed ?? 0;
}

/**
 * Takes from the open faults the cause of a recovery, the latest one that could be; and with it those that struck the
 * same one earlier, for they have passed without effect.
 */
function explain(open: Set<Struck>, target: string, recovery: Recovery): { injected?: Injection; passed: Struck[] } {
  const possible = [...open].filter((fault) => couldCause(fault, target, recovery));
  const cause = possible.at(-1);
  const passed = possible.filter(({ injected }) => cause && injected.at < cause.injected.at);
  for (const fault of cause ? [cause, ...passed] : []) open.delete(fault);
  return { injected: cause?.injected, passed };
}

/** A device fails its worker; a gradient that was damaged shows where it was computed. */
function couldCause({ target, injected }: Struck, failed: string, { failure, noticed }: Recovery): boolean {
  if (injected.at > noticed) return false;
  return (
    target === failed ||
    target.replace(/^device-/, "worker-") === failed ||
    (target === "gradient" && failure.includes("gradient"))
  );
}
