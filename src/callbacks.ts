/**
 * The callbacks of a caller. What one of them throws, or rejects with later, must neither surface in the middle of something
 * else nor end the process: the first such failure is kept for the caller, and from then on no callback is called.
 */
export class Callbacks {
  readonly #onFailure: (error: unknown) => void;
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param onFailure told of the first failure at once, for work that `check` does not get to */
  constructor(onFailure: (error: unknown) => void = () => undefined) {
    this.#onFailure = onFailure;
  }

  /** The same callback, which never throws; one that is not there does nothing. */
  guarded<A extends readonly unknown[]>(callback: ((...args: A) => unknown) | undefined): (...args: A) => void {
    return (...args) => {
      if (!callback || this.#failure) return;
      try {
        const result = callback(...args);
        if (isPromise(result)) this.#follow(result);
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  /** @throws what a callback threw, or rejected with, first */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for callbacks that are still at work. @throws as `check` does */
  async settled(): Promise<void> {
    await Promise.all(this.#pending);
    this.check();
  }

  #follow(result: PromiseLike<unknown>): void {
    const followed = Promise.resolve(result).then(
      () => undefined,
      (error: unknown) => this.#fail(error),
    );
    this.#pending.add(followed);
    followed.then(() => this.#pending.delete(followed));
  }

  #fail(error: unknown): void {
    if (this.#failure) return;
    this.#failure = { error };
    this.#onFailure(error);
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
