/** Makes a worker slow on purpose: after each part it waits for as long as a slower device would still compute. */
import type { Slowdown } from "../../faults/definition.js";
import type { World } from "../../world/world.js";

export class Slowness {
  readonly #world: Pick<World, "clock" | "timers">;
  #how: Slowdown = {};
  #until = 0;

  constructor(world: Pick<World, "clock" | "timers">) {
    this.#world = world;
  }

  get isOver(): boolean {
    return this.#world.clock.now() >= this.#until;
  }

  /** From now on a part takes longer, for `milliseconds`. */
  begin(how: Slowdown, milliseconds: number): void {
    this.#how = how;
    this.#until = this.#world.clock.now() + milliseconds;
  }

  /** Waits for the rest of a part that began at `began`. */
  async drag(began: number): Promise<void> {
    if (this.isOver) return;
    const { factor = 1, pace = 0 } = this.#how;
    const took = this.#world.clock.now() - began;
    const wait = Math.max((factor - 1) * took, pace - took);
    await new Promise<void>((resolve) => this.#world.timers.after(wait, resolve));
  }
}
