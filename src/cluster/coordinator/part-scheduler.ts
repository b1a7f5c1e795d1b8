/**
 * Schedules one round: decides which worker computes which part, and keeps the results. List scheduling (Graham 1966): each
 * part goes to the worker that would finish it first, so that faster devices take more. A late part is also given to an idle
 * worker (backup tasks: Dean & Ghemawat 2004).
 */

import { DawnpourError } from "../../error.js";
import type { Task } from "../protocol.js";

/** Parts that a worker has at a time: one at work, one waiting. */
const DEPTH = 2;
/** A part is late when its worker has taken this many times its usual time. */
const LATE = 3;
/** No part is late before this many milliseconds. */
const PATIENCE = 60;

export interface AvailableWorker {
  readonly index: number;
  /** Milliseconds a part; 0: not known. */
  readonly pace: number;
}

export interface PartResult {
  readonly worker: number;
  readonly slot: number;
  readonly bytes: number;
  readonly loss: number;
  readonly checksum: bigint;
  /** Id of the fault that damaged it. */
  readonly fault?: number;
}

export interface Grant extends Task {
  readonly worker: number;
}

class Part {
  result: PartResult | undefined;
  /** The workers that compute it, each with the time at which it got the part. */
  readonly grants = new Map<number, number>();
  /** Damaged results. */
  readonly refused: PartResult[] = [];

  get attempt(): number {
    return this.refused.length;
  }
}

export class PartScheduler {
  readonly number: number;
  /** The parts that are to be computed. */
  readonly participants: readonly number[];
  readonly #parts: ReadonlyMap<number, Part>;
  readonly #quorum: number;
  /** Parts with a result, in the order in which the results came. */
  #came: readonly number[] = [];

  /**
   * @param participants the parts that are to be computed; default: all
   * @param quorum how many of them are enough; default: all
   */
  constructor(number: number, parts: number, participants?: readonly number[], quorum?: number) {
    this.number = number;
    this.participants = participants ?? Array.from({ length: parts }, (_, part) => part);
    this.#parts = new Map(this.participants.map((part) => [part, new Part()]));
    this.#quorum = Math.min(quorum ?? this.participants.length, this.participants.length);
  }

  /** The parts that count, in ascending order, once there are enough results. Where a quorum is enough, the first results count. */
  get arrived(): readonly number[] | undefined {
    if (this.#came.length < this.#quorum) return undefined;
    return this.#came.slice(0, this.#quorum).sort((a, b) => a - b);
  }

  /** The results of the parts in `arrived`, in the same order. */
  get results(): readonly PartResult[] | undefined {
    return this.arrived?.flatMap((part) => this.#part(part).result ?? []);
  }

  /** The current attempt of a part. */
  task(part: number): Task {
    return { part, attempt: this.#part(part).attempt };
  }

  outstanding(worker: number): Task[] {
    return [...this.#parts].flatMap(([part, { grants, result, attempt }]) =>
      grants.has(worker) && !result ? { part, attempt } : [],
    );
  }

  /**
   * Hands out parts that no worker has. Every part is assigned to the worker that would finish it first, but it is granted
   * only if that worker has fewer than `DEPTH` parts. The other parts wait, because another worker may become free earlier.
   */
  assign(workers: readonly AvailableWorker[], now: number): Grant[] {
    if ([...this.#parts.values()].every(({ result, grants }) => result || grants.size > 0)) return [];
    const load = this.#load();
    const scheduled = new Map(load);
    const granted: Grant[] = [];
    for (const [number, part] of this.#parts.entries()) {
      if (part.result || part.grants.size > 0) continue;
      const worker = firstOf(workers, scheduled, part);
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

  /** Hands out late parts again, to idle workers. */
  assignLate(workers: readonly AvailableWorker[], now: number, transit = 0): Grant[] {
    const pace = new Map(workers.map(({ index, pace }) => [index, pace]));
    const load = this.#load();
    const idle = workers.filter(({ index }) => !load.has(index)).map(({ index }) => index);
    const granted: Grant[] = [];
    for (const [number, part] of this.#parts.entries()) {
      const late = [...part.grants].every(
        ([worker, since]) => now - since > transit + Math.max(PATIENCE, LATE * (pace.get(worker) ?? 0)),
      );
      const worker = idle[0];
      if (part.result || part.grants.size === 0 || !late || worker === undefined) continue;
      idle.shift();
      part.grants.set(worker, now);
      granted.push({ worker, part: number, attempt: part.attempt });
    }
    return granted;
  }

  #part(number: number): Part {
    const part = this.#parts.get(number);
    if (!part) throw new DawnpourError(`Invariant violation: part ${number} takes no part in round ${this.number}`);
    return part;
  }

  /** Number of parts of each worker. */
  #load(): Map<number, number> {
    const load = new Map<number, number>();
    for (const { result, grants } of this.#parts.values()) {
      if (!result) for (const worker of grants.keys()) load.set(worker, (load.get(worker) ?? 0) + 1);
    }
    return load;
  }

  /** The worker's parts go to other workers. */
  release(worker: number): void {
    for (const part of this.#parts.values()) part.grants.delete(worker);
  }

  /** The first result of an attempt counts. */
  settle({ part, attempt }: Task, result: PartResult): void {
    const settled = this.#part(part);
    if (attempt !== settled.attempt) return;
    if (!settled.result) this.#came = [...this.#came, part];
    settled.result ??= result;
    settled.grants.delete(result.worker);
  }

  /**
   * Refuses a damaged result. Another worker, if there is one, computes the part again. Returns the results of this part that
   * were refused before.
   */
  refuse(number: number): readonly PartResult[] {
    const part = this.#part(number);
    const before = [...part.refused];
    if (part.result) part.refused.push(part.result);
    part.result = undefined;
    this.#came = this.#came.filter((one) => one !== number);
    part.grants.clear();
    return before;
  }
}

/** The worker that would finish a part first. Workers that damaged it before are considered only if there are no others. */
function firstOf(
  workers: readonly AvailableWorker[],
  load: ReadonlyMap<number, number>,
  { refused }: Part,
): number | undefined {
  const others = workers.filter(({ index }) => !refused.some(({ worker }) => worker === index));
  let best: { index: number; end: number } | undefined;
  for (const { index, pace } of others.length > 0 ? others : workers) {
    const end = ((load.get(index) ?? 0) + 1) * Math.max(pace, 1e-3);
    if (!best || end < best.end) best = { index, end };
  }
  return best?.index;
}
