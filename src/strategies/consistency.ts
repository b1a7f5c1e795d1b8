/** When a part may begin a round, as its strategy says. */
import type { Free, Strategy } from "./strategy.js";

/** A strategy whose parts each go through their rounds by themselves. */
export type FreeStrategy = Strategy & { readonly consistency: Free };

export const isFree = (strategy: Strategy): strategy is FreeStrategy =>
  strategy.consistency !== undefined && strategy.consistency.kind !== "bulk";

/** The rounds by which the global state that a part sees is late. */
export const delayOf = ({ consistency }: Strategy): number =>
  consistency && "delay" in consistency ? (consistency.delay ?? 0) : 0;
