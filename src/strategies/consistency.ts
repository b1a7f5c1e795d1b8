/** When a part may begin a round, as its strategy says. */
import type { Free, Strategy } from "./strategy.js";

/** A strategy whose parts each go through their rounds by themselves. */
export type FreeStrategy = Strategy & { readonly consistency: Free };

export const isFree = (strategy: Strategy): strategy is FreeStrategy =>
  strategy.consistency !== undefined && strategy.consistency.kind !== "bulk";

/** The parts of a round that are enough. Undefined: all that participate. */
export const quorumOf = ({ consistency }: Strategy): number | undefined =>
  consistency && "quorum" in consistency ? consistency.quorum : undefined;

/** The rounds by which the global state that a part sees is late. */
export const delayOf = ({ consistency }: Strategy): number =>
  consistency && "delay" in consistency ? (consistency.delay ?? 0) : 0;
