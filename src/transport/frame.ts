/** What nodes say to one another. */
import type { Address, Ending } from "../actor/ref.js";

/**
 * Which connection of a node with another a frame belongs to: the start of the node, then how often it has given up the
 * connection since. Grows.
 */
export type ConnectionNumber = readonly [incarnation: number, breaks: number];

export function isLater(a: ConnectionNumber, b: ConnectionNumber): boolean {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]);
}

export interface Watched {
  readonly id: number;
  readonly address: Address;
}

export interface Heartbeat {
  readonly kind: "heartbeat";
  /** All that the sender watches at the receiver. */
  readonly watched: readonly Watched[];
  /** What the sender knows to be watched by the receiver, as ids. */
  readonly guarded: readonly number[];
}

export type Content =
  | { readonly kind: "message"; readonly to: Address; readonly message: unknown }
  | Heartbeat
  | { readonly kind: "ended"; readonly id: number; readonly reason: Ending["reason"]; readonly error?: string };

export interface Frame {
  readonly connection: ConnectionNumber;
  /** Grows by one from frame to frame. */
  readonly sequence: number;
  readonly content: Content;
}
