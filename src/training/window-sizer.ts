/**
 * How many steps to enqueue at once: enough that the host's work is small beside the device's, few enough that progress
 * shows and a stop request takes effect. Begins with one step and doubles while windows are short. The number decides
 * when results are reported, never what is computed.
 */

const TARGET_MILLISECONDS = 250;

export class WindowSizer {
  readonly #largest: number;
  #size = 1;

  constructor(largest: number) {
    this.#largest = largest;
  }

  /** Steps to enqueue next. */
  get size(): number {
    return this.#size;
  }

  /** Records how long a window of `steps` took. */
  observe(steps: number, milliseconds: number): void {
    const perStep = milliseconds / steps;
    const wanted = Math.max(1, Math.floor(TARGET_MILLISECONDS / Math.max(perStep, 1e-3)));
    this.#size = Math.min(wanted, this.#size * 2, this.#largest);
  }
}
