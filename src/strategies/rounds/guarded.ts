/**
 * The code of a strategy may be a user's own. What it throws names the strategy, and is told from the failures of devices and
 * processes: a part is a pure function, so another worker would fail in the same way.
 */
import { DawnpourError, UsageError } from "../../error.js";
import type { Strategy } from "../strategy.js";

/** The code of a strategy failed, or returned what it must not. */
export class StrategyError extends UsageError {
  override name = "StrategyError";
}

/** The same strategy, whose code fails with `StrategyError` alone; a lost device is what it is. */
export function guarded(strategy: Strategy): Strategy {
  const { name, promise, parts, consistency, contributes, needs, global, local, phases } = strategy;
  const sync = <A extends readonly unknown[], R>(what: string, method: (...args: A) => R) => {
    return (...args: A): R => {
      try {
        return method.apply(strategy, args as never);
      } catch (error) {
        throw blaming(`strategy ${name} failed in ${what}`, error);
      }
    };
  };
  const async = <A extends readonly unknown[], R>(what: string, method: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      try {
        return await method.apply(strategy, args as never);
      } catch (error) {
        throw blaming(`strategy ${name} failed in ${what}`, error);
      }
    };
  };
  const { exchange, participants, reads } = strategy;
  return {
    ...{ name, promise, parts, consistency, contributes, needs, global, local, phases },
    ...(exchange && { exchange: sync("exchange", exchange) }),
    ...(participants && { participants: sync("participants", participants) }),
    ...(reads && { reads: sync("reads", reads) }),
    advance: sync("advance", strategy.advance),
    rows: sync("rows", strategy.rows),
    contribute: async("contribute", strategy.contribute),
    aggregate: async("aggregate", strategy.aggregate),
  };
}

/** The error of code of a user's own. Errors of ours that are no wrong use, as of a lost device, stay what they are. */
export function blaming(what: string, error: unknown): Error {
  if (error instanceof DawnpourError && !(error instanceof UsageError)) return error;
  const said = error instanceof Error ? error.message : String(error);
  return new StrategyError(`${what}: ${said}${placeOf(error)}`, { cause: error });
}

/** Where an error was thrown, where its own stack says so in a file. */
function placeOf(error: unknown): string {
  if (!(error instanceof Error) || error instanceof DawnpourError) return "";
  const [, place] = /\n\s+at .*?([^/\\() ]+:\d+:\d+)\)?/.exec(error.stack ?? "") ?? [];
  return place ? ` (${place})` : "";
}
