/** Something that happens again and again: who subscribes hears of each from then on, and all are counted. */
export class Stream<T> {
  readonly #listeners = new Set<(value: T) => void>();
  #count = 0;

  /** How many there were since the beginning, heard or not. */
  get count(): number {
    return this.#count;
  }

  /** Calls `listener`, which must not throw, for each; returns what ends that. */
  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(value: T): void {
    this.#count++;
    for (const listener of this.#listeners) {
      listener(value);
    }
  }
}
