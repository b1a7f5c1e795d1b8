/** The newest order of the driver: carried out once; its outcome is told again when the driver asks again. */
import type { Ref } from "../actor/ref.js";
import type { Order, Outcome, ToStage } from "./protocol.js";

/** No order has come. */
const NONE = -1;

export class NewestOrder {
  #id = NONE;
  #order: Order | undefined;
  #outcome: Outcome | undefined;
  #replyTo: Ref<Outcome> | undefined;

  get id(): number {
    return this.#id;
  }

  /** The order, until it is carried out. */
  get open(): Order | undefined {
    return this.#outcome ? undefined : this.#order;
  }

  /** Whether the order is new, and so to be carried out. */
  take({ id, order, replyTo }: ToStage & { kind: "order" }): boolean {
    if (id < this.#id) return false;
    this.#replyTo = replyTo;
    const isNew = id > this.#id;
    if (isNew) {
      this.#id = id;
      this.#order = order;
      this.#outcome = undefined;
    } else if (this.#outcome) {
      replyTo.tell(this.#outcome);
    }
    return isNew;
  }

  finish(outcome: Outcome): void {
    if (!this.#order) return;
    this.#outcome = outcome;
    this.#replyTo?.tell(outcome);
  }

  /** A new driver numbers its orders anew. */
  forget(): void {
    this.#id = NONE;
    this.#order = undefined;
    this.#outcome = undefined;
  }
}
