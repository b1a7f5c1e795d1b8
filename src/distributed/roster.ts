/**
 * Who is there, as the ledger has heard. The end of a worker shows in several ways, and by several routes: its actor is no
 * more, its node gives no sign of life, its process has ended. It is told of once, whichever comes first.
 */
import type { Ref } from "../actor/ref.js";
import type { WorkerCard } from "./protocol.js";

export class Roster {
  /** Those that live, by their address. */
  readonly #cards = new Map<string, WorkerCard>();
  /** The last that ended, by worker: news of it may be older than its end. */
  readonly #ended = new Map<number, string>();
  /** The last session of each node that is known to be over. */
  readonly #over = new Map<string, number>();

  /** A worker is said to be there. True when that is news. */
  observe(card: WorkerCard): boolean {
    const address = card.ref.toString();
    const isKnown = this.#cards.has(address) || this.#ended.get(card.index) === address;
    if (!isKnown) this.#cards.set(address, card);
    return !isKnown;
  }

  /** An actor has ended: whose, if it was a worker. */
  ended(ref: Ref<never>): WorkerCard | undefined {
    const address = ref.toString();
    const card = this.#cards.get(address);
    if (card) this.#ended.set(card.index, address);
    this.#cards.delete(address);
    return card;
  }

  /** A session of a node is over. True when that is news. */
  over(node: string, session: number): boolean {
    if (this.isOver(node, session)) return false;
    this.#over.set(node, session);
    return true;
  }

  isOver(node: string, session: number): boolean {
    return session <= (this.#over.get(node) ?? 0);
  }
}
