/**
 * Who is there, as the journal has heard. The end of someone shows in several ways, and by several routes: its actor is no
 * more, its node gives no sign of life, its process has ended. It is told of once, whichever comes first.
 */
import type { Ref } from "../../actor/ref.js";
import type { WatchedNode } from "../protocol.js";

export class Liveness {
  /** Those that live, by their address. */
  readonly #living = new Map<string, WatchedNode>();
  /** The last that ended, by node: news of it may be older than its end. */
  readonly #ended = new Map<string, string>();
  /** The last incarnation of each node that is known to be over. */
  readonly #over = new Map<string, number>();

  /** Someone is said to be there. True when that is news. */
  observe(watched: WatchedNode): boolean {
    const address = watched.ref.toString();
    const isKnown = this.#living.has(address) || this.#ended.get(watched.node) === address;
    if (!isKnown) this.#living.set(address, watched);
    return !isKnown;
  }

  /** Those on a node that are there. */
  on(node: string): readonly WatchedNode[] {
    return [...this.#living.values()].filter((watched) => watched.node === node);
  }

  /** An actor has ended: whose, if it was on the roster. */
  ended(ref: Ref<never>): WatchedNode | undefined {
    const address = ref.toString();
    const watched = this.#living.get(address);
    if (watched) this.#ended.set(watched.node, address);
    this.#living.delete(address);
    return watched;
  }

  /** A incarnation of a node is over. True when that is news. */
  over(node: string, incarnation: number): boolean {
    if (this.isOver(node, incarnation)) return false;
    this.#over.set(node, incarnation);
    return true;
  }

  /** News of it may be older than its end. */
  isGone({ node, incarnation, ref }: WatchedNode): boolean {
    return this.isOver(node, incarnation) || this.#ended.get(node) === ref.toString();
  }

  isOver(node: string, incarnation: number): boolean {
    return incarnation <= (this.#over.get(node) ?? 0);
  }
}
