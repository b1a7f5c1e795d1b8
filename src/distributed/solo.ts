/** What a worker does alone while it has a lease, and has to tell of when that ends: the worker's side of `Leases`. */
import type { Lease } from "./protocol.js";

export class Solo {
  /** The round it began with. */
  readonly from: number;
  /** Of the rounds that it has gone through since. */
  readonly losses: number[] = [];
  readonly #began: number;
  readonly #lease: Lease;
  #over = false;
  #milliseconds = 0;

  constructor(from: number, lease: Lease, now: number) {
    this.from = from;
    this.#lease = lease;
    this.#began = now;
  }

  /** The round it has come to. */
  get round(): number {
    return this.from + this.losses.length;
  }

  /** Milliseconds that its rounds have taken. */
  get milliseconds(): number {
    return this.#milliseconds;
  }

  mayGoOn(now: number): boolean {
    return !this.#over && this.round < this.#lease.until && now - this.#began < this.#lease.milliseconds;
  }

  done(loss: number, now: number): void {
    this.losses.push(loss);
    this.#milliseconds = now - this.#began;
  }

  /** Nothing more is done alone. */
  end(): void {
    this.#over = true;
  }
}
