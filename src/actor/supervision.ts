/**
 * The rules of supervision, after Erlang/OTP: which children are restarted when one ends, how often, and after what pause.
 * `children.ts` applies them.
 */
import { DawnpourError, UsageError, unknownWord } from "../error.js";
import { refuseUnknownKeys } from "../option-keys.js";
import type { Random } from "../world/random.js";
import type { Start } from "./behavior.js";
import type { Ending } from "./ref.js";

const STRATEGIES = ["one-for-one", "one-for-all", "rest-for-one"] as const;
/** Which siblings are restarted with a child: none, all, or those that were started after it. */
export type Strategy = (typeof STRATEGIES)[number];

const RESTARTS = ["permanent", "transient", "temporary"] as const;
/** When a child is restarted: `permanent`: always; `transient`: unless it finished; `temporary`: never. */
export type Restart = (typeof RESTARTS)[number];

/** Pauses between restarts, in milliseconds. */
export interface Backoff {
  /** Milliseconds before the first restart in a period; each further restart doubles them. */
  readonly least: number;
  readonly most: number;
  /**
   * Each pause is longer by a random fraction of itself, at most this. So children that failed together do not return together.
   */
  readonly jitter: number;
}

/** Supervision of all children of one actor. */
export interface Supervision {
  /** Default `one-for-one`. */
  readonly strategy?: Strategy;
  /** The most restarts within `period`. With one more the parent itself fails. Default 3. */
  readonly intensity?: number;
  /** Milliseconds; default 5000. */
  readonly period?: number;
  /** Default: no pause. */
  readonly backoff?: Backoff;
}

/** Options of one child. */
export interface ChildOptions {
  /** Default `transient`. */
  readonly restart?: Restart;
  /**
   * Milliseconds that the child's code gets to complete the current message, and again for `ended`, before the child is killed.
   * Its children have times of their own. 0: the child is killed at once. Default 5000.
   */
  readonly shutdown?: number;
  /** The most messages that wait for the child. Further ones become dead letters. Default 65536. */
  readonly mailbox?: number;
}

export const DEFAULT_SUPERVISION: Required<Supervision> = {
  strategy: "one-for-one",
  intensity: 3,
  period: 5000,
  backoff: { least: 0, most: 0, jitter: 0 },
};

export const DEFAULT_CHILD: Required<ChildOptions> = { restart: "transient", shutdown: 5000, mailbox: 65536 };

/** Children failed more often than their parent's `intensity` allows. The last failure is the `cause`. */
export class EscalationError extends DawnpourError {
  override name = "EscalationError";
}

/** @throws UsageError that names the option */
export function checkSupervision(given: Supervision): Required<Supervision> {
  refuseUnknownKeys(given, { strategy: true, intensity: true, period: true, backoff: true }, "supervision");
  const all = { ...DEFAULT_SUPERVISION, ...given };
  const { least, most, jitter } = all.backoff;
  checkWord("strategy", all.strategy, STRATEGIES);
  checkNumber("intensity", all.intensity, 0);
  checkNumber("period", all.period, 1);
  checkNumber("backoff.least", least, 0);
  checkNumber("backoff.most", most, least);
  checkNumber("backoff.jitter", jitter, 0);
  return all;
}

/** @throws UsageError that names the option */
export function checkChild(given: ChildOptions): Required<ChildOptions> {
  refuseUnknownKeys(given, { restart: true, shutdown: true, mailbox: true }, "options of a child");
  const all = { ...DEFAULT_CHILD, ...given };
  checkWord("restart", all.restart, RESTARTS);
  checkNumber("shutdown", all.shutdown, 0);
  checkNumber("mailbox", all.mailbox, 1);
  return all;
}

function checkWord(what: string, word: string, known: readonly string[]): void {
  if (!known.includes(word)) {
    throw unknownWord(what, word, known);
  }
}

function checkNumber(what: string, value: number, least: number): void {
  if (!(value >= least)) {
    throw new UsageError(`${what} is ${value}: it must be at least ${least}`);
  }
}

export function isRestarted(restart: Restart, { reason }: Ending): boolean {
  return restart === "permanent" || (restart === "transient" && reason !== "finished");
}

/** The children that are restarted when `failed` is, itself included, in the order of their start. */
export function restartedWith<T>(strategy: Strategy, children: readonly T[], failed: T): readonly T[] {
  switch (strategy) {
    case "one-for-one":
      return [failed];
    case "one-for-all":
      return children;
    case "rest-for-one":
      return children.slice(children.indexOf(failed));
  }
}

/** The pause before the `count`-th restart in a period. */
export function pause({ least, most, jitter }: Backoff, count: number, random: Random): number {
  return Math.min(most, least * 2 ** (count - 1)) * (1 + jitter * random.uniform());
}

/** The times of recent restarts. */
export class RestartLog {
  #times: number[] = [];

  /** Records a restart. Returns the number of restarts within `period`, this one included. */
  note(now: number, period: number): number {
    this.#times = [...this.#times.filter((time) => time > now - period), now];
    return this.#times.length;
  }
}

/** A child that a supervisor starts: its name, its behavior and its options. */
export interface ChildSpec<M> extends ChildOptions {
  readonly name: string;
  readonly start: Start<M>;
}

/**
 * An actor that only supervises `children`, started in this order.
 * @example
 * ```ts
 * import { ActorSystem, nodeWorld, supervisor } from "dawnpour/actors";
 *
 * let starts = 0;
 * const fragile = () => {
 *   starts++;
 *   return {
 *     receive() {
 *       throw new Error("broken");
 *     },
 *   };
 * };
 * const system = new ActorSystem({ world: nodeWorld(), onFailure: () => undefined });
 * system.spawn("shop", supervisor({ intensity: 3, period: 1000 }, [{ name: "till", start: fragile }]));
 * await system.started();
 * system.at<string>("/shop/till").tell("a sale");
 * await new Promise((resolve) => nodeWorld().timers.after(50, () => resolve(undefined)));
 * console.log(starts); // 2
 * await system.stop();
 * ```
 */
export function supervisor(supervision: Supervision, children: readonly ChildSpec<never>[]): Start<never> {
  return (context) => {
    context.supervise(supervision);
    for (const { name, start, ...options } of children) {
      context.spawn(name, start, options);
    }
    return { receive: () => undefined };
  };
}
