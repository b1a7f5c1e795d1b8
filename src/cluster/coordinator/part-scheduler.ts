/**
 * The books of one round: who computes which part, and what has come of it. Parts are handed out by list scheduling
 * (Graham 1966): the next one to whoever would be done with it first, so that faster devices take more; and a part that
 * takes much longer than it should is handed out a second time, to someone idle (backup tasks: Dean & Ghemawat 2004).
 */

import type { Task } from "../protocol.js";

/** Parts that a worker has at a time: one in hand, one waiting. */
const DEPTH = 2;
/** A part is late after so many times the time its worker usually takes, */
const LATE = 3;
/** and not before so many milliseconds. */
const PATIENCE = 60;

export interface AvailableWorker {
  readonly index: number;
  /** Milliseconds that it takes for a part, as far as known. */
  readonly pace: number;
}

export interface PartResult {
  readonly worker: number;
  readonly slot: number;
  readonly loss: number;
  readonly checksum: bigint;
  /** The fault that damaged it on purpose. */
  readonly fault?: number;
}

export interface Grant extends Task {
  readonly worker: number;
}

class Part {
  result: PartResult | undefined;
  /** Who has it in hand, and since when. */
  readonly grants = new Map<number, number>();
  /** Results that were damaged. */
  readonly refused: PartResult[] = [];

  get attempt(): number {
    return this.refused.length;
  }
}

export class PartScheduler {
  readonly number: number;
  readonly #parts: readonly Part[];

  constructor(number: number, parts: number) {
    this.number = number;
    this.#parts = Array.from({ length: parts }, () => new Part());
  }

  /** The results by part; undefined until there is one for each. */
  get results(): readonly PartResult[] | undefined {
    if (this.#parts.some(({ result }) => !result)) return undefined;
    return this.#parts.flatMap(({ result }) => result ?? []);
  }

  /** A part as it is to be computed now. */
  task(part: number): Task {
    return { part, attempt: this.#parts[part].attempt };
  }

  outstanding(worker: number): Task[] {
    return this.#parts.flatMap(({ grants, result, attempt }, part) =>
      grants.has(worker) && !result ? { part, attempt } : [],
    );
  }

  /**
   * Hands out what nobody has, as far as hands are free. All parts are scheduled, and granted are those that someone could
   * begin with: the others are worth waiting for who would be first, or not decided yet.
   */
  assign(hands: readonly AvailableWorker[], now: number): Grant[] {
    if (this.#parts.every(({ result, grants }) => result || grants.size > 0)) return [];
    const load = this.#load();
    const scheduled = new Map(load);
    const granted: Grant[] = [];
    for (const [number, part] of this.#parts.entries()) {
      if (part.result || part.grants.size > 0) continue;
      const worker = firstOf(hands, scheduled, part);
      if (worker === undefined) break;
      scheduled.set(worker, (scheduled.get(worker) ?? 0) + 1);
      const inHand = load.get(worker) ?? 0;
      if (inHand >= DEPTH) continue;
      part.grants.set(worker, now);
      load.set(worker, inHand + 1);
      granted.push({ worker, part: number, attempt: part.attempt });
    }
    return granted;
  }

  /** Hands out late parts again, to those who have nothing to do. */
  assignLate(hands: readonly AvailableWorker[], now: number): Grant[] {
    const pace = new Map(hands.map((hand) => [hand.index, hand.pace]));
    const load = this.#load();
    const idle = hands.filter(({ index }) => !load.has(index)).map(({ index }) => index);
    const granted: Grant[] = [];
    for (const [number, part] of this.#parts.entries()) {
      const late = [...part.grants].every(
        ([worker, since]) => now - since > Math.max(PATIENCE, LATE * (pace.get(worker) ?? 0)),
      );
      const worker = idle[0];
      if (part.result || part.grants.size === 0 || !late || worker === undefined) continue;
      idle.shift();
      part.grants.set(worker, now);
      granted.push({ worker, part: number, attempt: part.attempt });
    }
    return granted;
  }

  /** How many parts each worker has in hand. */
  #load(): Map<number, number> {
    const load = new Map<number, number>();
    for (const { result, grants } of this.#parts) {
      if (!result) for (const worker of grants.keys()) load.set(worker, (load.get(worker) ?? 0) + 1);
    }
    return load;
  }

  /** What a worker had in hand is for others. */
  release(worker: number): void {
    for (const part of this.#parts) part.grants.delete(worker);
  }

  /** The first result of an attempt counts. */
  settle({ part, attempt }: Task, result: PartResult): void {
    if (attempt !== this.#parts[part].attempt) return;
    this.#parts[part].result ??= result;
    this.#parts[part].grants.delete(result.worker);
  }

  /** A result was damaged: someone else should do it, if there is anyone. Returns what was refused before. */
  refuse(number: number): readonly PartResult[] {
    const part = this.#parts[number];
    const before = [...part.refused];
    if (part.result) part.refused.push(part.result);
    part.result = undefined;
    part.grants.clear();
    return before;
  }
}

/** Who would be done first with a part: of those who have not damaged it before, if there is anyone. */
function firstOf(
  hands: readonly AvailableWorker[],
  load: ReadonlyMap<number, number>,
  { refused }: Part,
): number | undefined {
  const others = hands.filter(({ index }) => !refused.some(({ worker }) => worker === index));
  let best: { index: number; end: number } | undefined;
  for (const { index, pace } of others.length > 0 ? others : hands) {
    const end = ((load.get(index) ?? 0) + 1) * Math.max(pace, 1e-3);
    if (!best || end < best.end) best = { index, end };
  }
  return best?.index;
}
