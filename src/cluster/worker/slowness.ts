/** Makes a worker slow on purpose: after each part it waits for as long as a slower device would still compute. */
import type { World } from "../../world/world.js";

export class Slowness {
  readonly #world: Pick<World, "clock" | "timers">;
  #factor = 1;
  #until = 0;

  constructor(world: Pick<World, "clock" | "timers">) {
    this.#world = world;
  }

  get isOver(): boolean {
    return this.#world.clock.now() >= this.#until;
  }

  /** From now on a part takes `factor` times as long, for `milliseconds`. */
  begin(factor: number, milliseconds: number): void {
    this.#factor = factor;
    this.#until = this.#world.clock.now() + milliseconds;
  }

  /** Waits for the rest of a part that began at `began`. */
  async drag(began: number): Promise<void> {
    if (this.isOver) return;
    const wait = (this.#factor - 1) * (this.#world.clock.now() - began);
    await new Promise<void>((resolve) => this.#world.timers.after(wait, resolve));
  }
}
