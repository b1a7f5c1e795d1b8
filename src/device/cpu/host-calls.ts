/**
 * Functions of JavaScript that the queue of a CPU device calls in its order, and waits for. An op that has no native kernel runs its
 * reference function in this way.
 */
import { DawnpourError, messageOf } from "../../error.js";

export class HostCalls {
  readonly #calls = new Map<number, () => void>();
  #next = 0;
  #failure: DawnpourError | undefined;

  /** Returns the number by which the queue calls the function. `what` names it in an error. */
  add(what: string, call: () => void): number {
    const number = this.#next++;
    this.#calls.set(number, () => {
      try {
        call();
      } catch (error) {
        this.#failure ??= new DawnpourError(`${what}: its reference function failed: ${messageOf(error)}`, {
          cause: error,
        });
      }
    });
    return number;
  }

  remove(number: number): void {
    this.#calls.delete(number);
  }

  /** Called by the queue. */
  run(number: number): void {
    this.#calls.get(number)?.();
  }

  /** @throws the error of the first call that failed: the results since are not those of the program */
  check(): void {
    if (this.#failure) throw this.#failure;
  }
}
