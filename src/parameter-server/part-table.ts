/**
 * The coordinator's table of the parts: the worker of each, its life, and how far it is. When a worker is gone, its parts wait
 * until the worker is started again; after a while other workers get them. A part that moves to another worker, or whose worker
 * failed, begins a new life.
 */
import type { Life, Progress } from "./protocol.js";

interface Row {
  worker: number | undefined;
  life: number;
  /** Clocks that are done. */
  clock: number;
  loss: number;
  /** Shares of the loss by clock, of the rounds that are not recorded yet. */
  readonly losses: Map<number, number>;
  /** When its worker was lost; undefined while it has one. */
  orphanedAt: number | undefined;
}

export class PartTable {
  readonly #rows: readonly Row[];
  readonly #workers: number;
  #lives: number;
  /** The rounds before it are recorded. */
  #recorded: number;

  /** @param round all parts have reached it. @param lives a number larger than the life of every part so far */
  constructor(parts: number, workers: number, round: number, lives: number, now: number) {
    this.#workers = workers;
    this.#lives = lives;
    this.#recorded = round;
    this.#rows = Array.from({ length: parts }, () => ({
      ...{ worker: undefined, life: 0, clock: round, loss: 0, losses: new Map(), orphanedAt: now },
    }));
  }

  /** The clocks that every part has done. */
  get round(): number {
    return Math.min(...this.#rows.map(({ clock }) => clock));
  }

  /** The worker of each part; -1 where there is none. */
  get workers(): readonly number[] {
    return this.#rows.map(({ worker = -1 }) => worker);
  }

  /** The sum of the parts' shares of the loss in a round; of a part that did not tell it, the last that it told. Forgets them. */
  takeLoss(round: number): number {
    this.#recorded = round + 1;
    return this.#rows.reduce((sum, { loss, losses }) => {
      const share = losses.get(round) ?? loss;
      losses.delete(round);
      return sum + share;
    }, 0);
  }

  livesOf(worker: number): readonly Life[] {
    return this.#rows.flatMap((row, part) => (row.worker === worker ? { part, life: row.life } : []));
  }

  /** Records a worker's report of a part. Reports of earlier lives, and repeated ones, change nothing. */
  note({ part, life, clock = 0, loss, lossAt = clock - 1, isOutlived = false }: Progress): void {
    const row = this.#rows[part];
    // An earlier coordinator had given the part a later life, on a worker that no longer has it. So the part begins a new one.
    if (isOutlived && life === row.life && row.worker !== undefined) this.#give(row, row.worker);
    if (life < row.life || clock < row.clock) return;
    row.clock = clock;
    if (loss === undefined) return;
    row.loss = loss;
    if (lossAt >= this.#recorded) row.losses.set(lossAt, loss);
  }

  /** A worker keeps a part that an earlier coordinator gave it, unless another worker has a later life of that part. */
  keep(worker: number, { part, life }: Progress): void {
    const row = this.#rows[part];
    if (life < row.life) return;
    row.worker = worker;
    row.life = life;
    row.orphanedAt = undefined;
  }

  /** A worker is gone. */
  orphan(worker: number, now: number): void {
    for (const row of this.#rows) {
      if (row.worker !== worker) continue;
      row.worker = undefined;
      row.orphanedAt = now;
    }
  }

  /** Gives a worker the parts that wait for it. */
  adopt(worker: number): void {
    for (const [part, row] of this.#rows.entries()) {
      if (row.worker === undefined && part % this.#workers === worker) this.#give(row, worker);
    }
  }

  /** Gives parts whose worker has not come back for `milliseconds` to those of `present` that have the fewest. */
  settle(present: readonly number[], milliseconds: number, now: number): void {
    if (present.length === 0) return;
    for (const row of this.#rows) {
      if (row.orphanedAt === undefined || now - row.orphanedAt < milliseconds) continue;
      const [least] = [...present].sort((a, b) => this.livesOf(a).length - this.livesOf(b).length || a - b);
      this.#give(row, least);
    }
  }

  /** Gives a worker its own parts back, if other workers have them. */
  reclaim(worker: number): void {
    for (const [part, row] of this.#rows.entries()) {
      if (part % this.#workers === worker && row.worker !== worker) this.#give(row, worker);
    }
  }

  #give(row: Row, worker: number): void {
    row.worker = worker;
    row.life = ++this.#lives;
    row.orphanedAt = undefined;
  }
}
