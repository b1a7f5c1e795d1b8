/** Finds a strategy: one of the package by its name, or a user's own by its module. */
import { type AskedChoice, type Choice, loadChoice, optionsOf } from "../choice.js";
import { brief, UsageError } from "../error.js";
import { admm } from "./admm.js";
import { delayOf, isFree, quorumOf } from "./consistency.js";
import { dasgd } from "./dasgd.js";
import { diloco } from "./diloco.js";
import { downpour } from "./downpour.js";
import { easgd } from "./easgd.js";
import { federated } from "./federated/federated.js";
import { localSgd } from "./local-sgd.js";
import { mapReduce } from "./map-reduce.js";
import { privateDescent } from "./private/private.js";
import { robust } from "./robust/robust.js";
import { blaming, guarded } from "./rounds/guarded.js";
import { sandblaster } from "./sandblaster.js";
import { sequential } from "./sequential.js";
import { slowmo } from "./slowmo.js";
import { stale } from "./stale.js";
import type { Strategy, StrategyFactory, StrategyRun } from "./strategy.js";
import { streamingDiloco } from "./streaming-diloco.js";
import { synchronous } from "./synchronous.js";

/** The strategies of the package. */
export const strategies: Readonly<Record<string, StrategyFactory>> = {
  synchronous,
  "local-sgd": localSgd,
  dasgd,
  slowmo,
  diloco,
  "streaming-diloco": streamingDiloco,
  easgd,
  admm,
  sequential,
  "map-reduce": mapReduce,
  sandblaster,
  robust,
  federated,
  private: privateDescent,
  downpour,
  stale,
};

/** The names of the package's strategies. */
export const STRATEGIES = Object.keys(strategies);

/** @throws UsageError when no strategy has that name, or when the module exports none */
export const loadStrategy = (choice: AskedChoice): Promise<StrategyFactory> =>
  loadChoice(choice, {
    what: "strategy",
    names: () => STRATEGIES,
    find: (name) => (Object.hasOwn(strategies, name) ? strategies[name] : undefined),
    isOne: (exported): exported is StrategyFactory => typeof exported === "function",
    kind: "function",
    example: "export default function (options, run) { ... }",
  });

/** The strategy of a run. @throws UsageError when a field of it is missing or wrong */
export function makeStrategy(factory: StrategyFactory, choice: Choice, run: StrategyRun): Strategy {
  const where = typeof choice === "object" && "module" in choice ? `strategy of ${choice.module}` : "strategy";
  const strategy = made(factory, choice, run, where);
  check(strategy, where, run);
  return strategy;
}

function made(factory: StrategyFactory, choice: Choice, run: StrategyRun, where: string): Strategy {
  try {
    return factory(optionsOf(choice), run);
  } catch (error) {
    throw error instanceof UsageError ? error : blaming(`${where} failed`, error);
  }
}

const METHODS = ["advance", "rows", "contribute", "aggregate"] as const;

function check(strategy: Strategy, where: string, { state }: StrategyRun): void {
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new UsageError(`${where}: ${what}`);
  };
  must(typeof strategy === "object" && strategy !== null, `it must return an object, got ${brief(strategy)}`);
  const { name, promise, parts, contributes, needs, global, local = [], phases = 1 } = strategy;
  must(typeof name === "string" && name !== "", `name must be a text of one character or more, got ${brief(name)}`);
  for (const method of METHODS) {
    must(typeof strategy[method] === "function", `${method} must be a function, got ${brief(strategy[method])}`);
  }
  must(
    promise === "invariant" || promise === "replayable",
    `promise must be "invariant" or "replayable", got ${brief(promise)}`,
  );
  must(isCount(parts, 1), `parts must be a whole number from 1, got ${brief(parts)}`);
  must(isCount(phases, 1), `phases must be a whole number from 1, got ${brief(phases)}`);
  must(
    contributes === undefined || ["differences", "parameters", "both"].includes(contributes),
    `contributes must be "differences", "parameters" or "both", got ${brief(contributes)}`,
  );
  must(needs === "sum" || needs === "each", `needs must be "sum" or "each", got ${brief(needs)}`);
  checkConsistency(strategy, must);
  const specs = Array.isArray(global) ? [...global, ...local] : [];
  const names = specs.map((spec) => spec?.name);
  must(names[0] === state[0], `global must begin with {name: "${state[0]}"}, got ${brief(global)}`);
  must(new Set(names).size === names.length, `global and local must have different names, got ${names.join(", ")}`);
  must(
    names.every((one) => /^[A-Za-z][\w.]*$/.test(one)),
    `names in global and local must begin with a letter and have only letters, digits, "_" and ".", got ${brief(names)}`,
  );
  must(isCount(guarded(strategy).advance(0).steps, 1), "advance(0) must return a whole number of steps from 1");
}

function checkConsistency(strategy: Strategy, must: (holds: boolean, what: string) => void): void {
  const { consistency, promise, phases = 1, exchange, participants } = strategy;
  const { kind = "bulk" } = consistency ?? {};
  must(
    kind === "bulk" || kind === "stale" || kind === "async",
    `consistency.kind must be "bulk", "stale" or "async", got ${brief(kind)}`,
  );
  must(
    isCount(delayOf(strategy), 0),
    `consistency.delay must be a whole number from 0, got ${brief(delayOf(strategy))}`,
  );
  checkQuorum(strategy, must);
  if (!isFree(strategy)) return;
  const { consistency: free } = strategy;
  must(
    free.kind === "async" || isCount(free.bound, 0),
    `consistency.bound must be a whole number from 0, got ${brief("bound" in free ? free.bound : undefined)}`,
  );
  must(promise === "replayable", `with consistency.kind "${kind}" the promise is "replayable", got ${brief(promise)}`);
  must(
    phases === 1 && !exchange && !participants,
    `consistency.kind "${kind}" has no phases, exchange or participants`,
  );
}

function checkQuorum(strategy: Strategy, must: (holds: boolean, what: string) => void): void {
  const { parts, promise, phases = 1, local = [], participants } = strategy;
  const quorum = quorumOf(strategy);
  if (quorum === undefined) return;
  must(
    isCount(quorum, 1) && quorum <= parts,
    `consistency.quorum must be a whole number from 1 to parts, got ${brief(quorum)}`,
  );
  must(promise === "replayable", `with consistency.quorum the promise is "replayable", got ${brief(promise)}`);
  must(
    phases === 1 && local.length === 0 && !participants && delayOf(strategy) === 0,
    "consistency.quorum goes without local state, phases, participants and delay",
  );
}

const isCount = (value: unknown, least: number): boolean => Number.isSafeInteger(value) && (value as number) >= least;
