/**
 * A mailbox: a bounded queue, first in, first out, in a ring that grows as needed. A full mailbox refuses further messages. It
 * always accepts signals of the system, which are few.
 */
const SMALLEST = 16;

/** What `take` returns when the mailbox is empty: a message may be undefined. */
export const NOTHING = Symbol("nothing");

export class Mailbox<T> {
  readonly #capacity: number;
  #ring: (T | undefined)[] = new Array(SMALLEST);
  #first = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  /** Returns false, and changes nothing, when the mailbox is full. */
  offer(item: T): boolean {
    if (this.#length >= this.#capacity) {
      return false;
    }
    this.push(item);
    return true;
  }

  /** Accepts an item even beyond the capacity. */
  push(item: T): void {
    if (this.#length === this.#ring.length) {
      this.#grow();
    }
    this.#ring[(this.#first + this.#length++) & (this.#ring.length - 1)] = item;
  }

  take(): T | typeof NOTHING {
    if (this.#length === 0) {
      return NOTHING;
    }
    const item = this.#ring[this.#first] as T;
    this.#ring[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#length--;
    return item;
  }

  /** Takes all items. */
  *drain(): Iterable<T> {
    for (let item = this.take(); item !== NOTHING; item = this.take()) {
      yield item;
    }
  }

  /** The length stays a power of two, so that indices wrap by a mask. */
  #grow(): void {
    const grown: (T | undefined)[] = new Array(2 * this.#ring.length);
    for (let i = 0; i < this.#length; i++) {
      grown[i] = this.#ring[(this.#first + i) & (this.#ring.length - 1)];
    }
    this.#ring = grown;
    this.#first = 0;
  }
}
