/** A stream of events. A subscriber gets each event after its subscription. The stream counts all events. */
export class Stream<T> {
  readonly #listeners = new Set<(value: T) => void>();
  #count = 0;

  /** Events since the beginning, with or without subscribers. */
  get count(): number {
    return this.#count;
  }

  /** Calls `listener`, which must not throw, for each event. Returns a function that ends the subscription. */
  subscribe(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hands a value to every listener, in the order in which they subscribed. */
  publish(value: T): void {
    this.#count++;
    for (const listener of this.#listeners) {
      listener(value);
    }
  }
}
