/**
 * Who is there, as the ledger has heard. The end of someone shows in several ways, and by several routes: its actor is no
 * more, its node gives no sign of life, its process has ended. It is told of once, whichever comes first.
 */
import type { Ref } from "../../actor/ref.js";
import type { Attendant } from "../protocol.js";

export class Roster {
  /** Those that live, by their address. */
  readonly #living = new Map<string, Attendant>();
  /** The last that ended, by node: news of it may be older than its end. */
  readonly #ended = new Map<string, string>();
  /** The last session of each node that is known to be over. */
  readonly #over = new Map<string, number>();

  /** Someone is said to be there. True when that is news. */
  observe(attendant: Attendant): boolean {
    const address = attendant.ref.toString();
    const isKnown = this.#living.has(address) || this.#ended.get(attendant.node) === address;
    if (!isKnown) this.#living.set(address, attendant);
    return !isKnown;
  }

  /** Those on a node that are there. */
  on(node: string): readonly Attendant[] {
    return [...this.#living.values()].filter((attendant) => attendant.node === node);
  }

  /** An actor has ended: whose, if it was on the roster. */
  ended(ref: Ref<never>): Attendant | undefined {
    const address = ref.toString();
    const attendant = this.#living.get(address);
    if (attendant) this.#ended.set(attendant.node, address);
    this.#living.delete(address);
    return attendant;
  }

  /** A session of a node is over. True when that is news. */
  over(node: string, session: number): boolean {
    if (this.isOver(node, session)) return false;
    this.#over.set(node, session);
    return true;
  }

  /** News of it may be older than its end. */
  isGone({ node, session, ref }: Attendant): boolean {
    return this.isOver(node, session) || this.#ended.get(node) === ref.toString();
  }

  isOver(node: string, session: number): boolean {
    return session <= (this.#over.get(node) ?? 0);
  }
}
