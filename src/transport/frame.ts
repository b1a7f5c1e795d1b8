/** The frames that nodes exchange. */
import type { Address, Ending } from "../actor/ref.js";

/**
 * Number of a connection between two nodes: the incarnation of the sender, and how often the sender has given up the connection
 * since its start. It only grows.
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
  /** All actors of the receiver that the sender watches. */
  readonly watched: readonly Watched[];
  /** Ids of the receiver's watches that the sender knows. */
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
