/**
 * The journal's record of the nodes and actors that live. Several events show that one has ended: the actor terminates, the
 * node sends no heartbeat, the process exits. The first of them counts; the others are ignored.
 */
import type { Ref } from "../../actor/ref.js";
import type { WatchedNode } from "./journal-protocol.js";

export class Liveness {
  /** Living actors, by address. */
  readonly #living = new Map<string, WatchedNode>();
  /** Address of the last actor that ended, by node. It is kept because a message about an actor may arrive after its end. */
  readonly #ended = new Map<string, string>();
  /** The last incarnation of each node that is known to be over. */
  readonly #over = new Map<string, number>();

  /** Records that an actor lives. Returns true if that was not known. */
  observe(watched: WatchedNode): boolean {
    const address = watched.ref.toString();
    const isKnown = this.#living.has(address) || this.#ended.get(watched.node) === address;
    if (!isKnown) this.#living.set(address, watched);
    return !isKnown;
  }

  /** Living actors on a node. */
  on(node: string): readonly WatchedNode[] {
    return [...this.#living.values()].filter((watched) => watched.node === node);
  }

  /** Records the end of an actor; returns it, if it was known. */
  ended(ref: Ref<never>): WatchedNode | undefined {
    const address = ref.toString();
    const watched = this.#living.get(address);
    if (watched) this.#ended.set(watched.node, address);
    this.#living.delete(address);
    return watched;
  }

  /** Records that an incarnation of a node is over. Returns true if that was not known. */
  over(node: string, incarnation: number): boolean {
    if (this.isOver(node, incarnation)) return false;
    this.#over.set(node, incarnation);
    return true;
  }

  /** Whether the actor has ended. */
  isGone({ node, incarnation, ref }: WatchedNode): boolean {
    return this.isOver(node, incarnation) || this.#ended.get(node) === ref.toString();
  }

  isOver(node: string, incarnation: number): boolean {
    return incarnation <= (this.#over.get(node) ?? 0);
  }
}
