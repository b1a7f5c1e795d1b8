/** The rendezvous of a simulated run: one state for all nodes, which look at it in the time of their own. */

import type { Brought, Meeting, Rendezvous, Word } from "../../src/collective/barrier.js";
import { PlainCollective } from "../../src/collective/portable-collective.js";
import type { NodeWorld } from "./simulated-host.js";

/** Milliseconds between two looks. */
const LOOK = 0.5;

/** What lies in shared memory. */
export class Meetings {
  number = 0;
  round = 0;
  arrived = 0;
  closed = true;
  /** By worker, of the even and the odd rounds. */
  readonly brought: readonly [Brought[], Brought[]] = [[], []];

  /** Undefined as long as that is open. */
  passed(number: number, round: number): boolean | undefined {
    if (number !== this.number) return false;
    if (round !== this.round) return true;
    return this.closed ? false : undefined;
  }
}

export class SimulatedRendezvous implements Rendezvous {
  readonly #meetings: Meetings;
  readonly #world: Pick<NodeWorld, "clock" | "timers">;

  constructor(meetings: Meetings, world: Pick<NodeWorld, "clock" | "timers">) {
    this.#meetings = meetings;
    this.#world = world;
  }

  open(round: number): number {
    const number = this.#meetings.number + 1;
    Object.assign(this.#meetings, { number, round, arrived: 0, closed: false });
    return number;
  }

  close(number: number): void {
    if (number === this.#meetings.number) this.#meetings.closed = true;
  }

  async meet(
    { number, round, worker, holders }: Meeting,
    own: Float32Array,
    word: Word,
    milliseconds: number,
  ): Promise<readonly Brought[] | undefined> {
    const { checksum } = await new PlainCollective().inspect(own);
    const meetings = this.#meetings;
    const brought = meetings.brought[round % 2];
    brought[worker] = { ...word, checksum };
    if (!(await this.#pass(number, round, holders.length, milliseconds))) return undefined;
    return holders.map((holder) => brought[holder]);
  }

  async #pass(number: number, round: number, parties: number, milliseconds: number): Promise<boolean> {
    const meetings = this.#meetings;
    const { clock, timers } = this.#world;
    if (meetings.number !== number || meetings.round !== round || meetings.closed) return false;
    if (++meetings.arrived === parties) Object.assign(meetings, { round: round + 1, arrived: 0 });
    const end = clock.now() + milliseconds;
    for (;;) {
      const passed = meetings.passed(number, round);
      if (passed !== undefined) return passed;
      if (clock.now() >= end) this.close(number);
      else await new Promise<void>((resolve) => timers.after(LOOK, resolve));
    }
  }
}
