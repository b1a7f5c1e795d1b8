/** The barrier of a simulated run. All nodes share one state, and each looks at it by the clock of its own world. */

import type { Barrier, BarrierRound, Contribution, Notice } from "../../src/collective/barrier.js";
import { PortableCollective } from "../../src/collective/portable-collective.js";
import type { NodeWorld } from "./simulated-host.js";

/** Milliseconds between two looks of a node. */
const LOOK = 0.5;

/** The part of the barrier that is in shared memory in a real run. */
export class BarrierMemory {
  number = 0;
  round = 0;
  arrived = 0;
  closed = true;
  /** For each worker its losses of the even and the odd rounds. */
  readonly brought: readonly [Contribution[], Contribution[]] = [[], []];

  /** Undefined as long as that is open. */
  passed(number: number, round: number): boolean | undefined {
    if (number !== this.number) return false;
    if (round !== this.round) return true;
    return this.closed ? false : undefined;
  }
}

export class SimulatedBarrier implements Barrier {
  readonly #memory: BarrierMemory;
  readonly #world: Pick<NodeWorld, "clock" | "timers">;

  constructor(memory: BarrierMemory, world: Pick<NodeWorld, "clock" | "timers">) {
    this.#memory = memory;
    this.#world = world;
  }

  open(round: number): number {
    const number = this.#memory.number + 1;
    Object.assign(this.#memory, { number, round, arrived: 0, closed: false });
    return number;
  }

  close(number: number): void {
    if (number === this.#memory.number) this.#memory.closed = true;
  }

  async meet(
    { number, round, worker, holders }: BarrierRound,
    own: Float32Array,
    word: Notice,
    milliseconds: number,
  ): Promise<readonly Contribution[] | undefined> {
    const { checksum } = await new PortableCollective().inspect(own);
    const memory = this.#memory;
    const brought = memory.brought[round % 2];
    brought[worker] = { ...word, checksum };
    if (!(await this.#pass(number, round, holders.length, milliseconds))) return undefined;
    return holders.map((holder) => brought[holder]);
  }

  async #pass(number: number, round: number, parties: number, milliseconds: number): Promise<boolean> {
    const memory = this.#memory;
    const { clock, timers } = this.#world;
    if (memory.number !== number || memory.round !== round || memory.closed) return false;
    if (++memory.arrived === parties) Object.assign(memory, { round: round + 1, arrived: 0 });
    const end = clock.now() + milliseconds;
    for (;;) {
      const passed = memory.passed(number, round);
      if (passed !== undefined) return passed;
      if (clock.now() >= end) this.close(number);
      else await new Promise<void>((resolve) => timers.after(LOOK, resolve));
    }
  }
}
