/**
 * What of a strategy and a compressor can be refused before there are data: their names, their options, and what they
 * cannot be combined with.
 */
import { type Choice, choiceText, optionsOf } from "../choice.js";
import { loadCompressor } from "../collective/compress/compressors.js";
import { brief, UsageError } from "../error.js";
import { checkServedOptimizer } from "../parameter-server/piece-update.js";
import { delayOf, isFree, quorumOf } from "../strategies/consistency.js";
import { loadStrategy, makeStrategy } from "../strategies/registry.js";
import { type CheckedCompressor, makeCompressor } from "../strategies/rounds/checked-compressor.js";
import { applyGradient, isGradientStep } from "../strategies/rounds/gradient-step.js";
import type { Strategy, StrategyFactory } from "../strategies/strategy.js";
import { strategyRun } from "../strategies/strategy-run.js";
import type { TrainingConfig } from "../training/config/config.js";
import { SYNCHRONOUS, UNCOMPRESSED } from "../training/config/strategy-choice.js";
import type { Workload } from "../workload/workload.js";
import { checkPrivate } from "./check-private.js";
import type { DistributedOptions } from "./options.js";

/** What decides whether a run can have parameter servers. */
type OfServed = Pick<TrainingConfig, "clip" | "compress"> &
  Parameters<typeof checkPrivate>[1] &
  Parameters<typeof checkServedOptimizer>[1];

/** Each is a process. */
const MOST_SERVERS = 64;

/**
 * The facts of a run that are not known yet: strategies of the package check their options whatever these are. There are as many
 * rows as an option may ask for.
 */
const ROWS = 1000;
const UNKNOWN = {
  ...{ images: ROWS, labels: new Uint8Array(ROWS), steps: 1, batch: 1e9, parts: 1, seed: 0 },
  rate: () => 0,
};

/** @throws UsageError. The options of a module are its own: it sees them when the data are there. */
export async function checkStrategy(
  config: Pick<TrainingConfig, "strategy" | "compress" | "precision"> & OfServed,
  { pipeline = false, servers }: { readonly pipeline?: boolean; readonly servers?: number } = {},
): Promise<{ readonly isServed: boolean }> {
  const { strategy: choice = SYNCHRONOUS, compress = UNCOMPRESSED, precision } = config;
  const factory = await loadStrategy(choice);
  const compression = await loadCompressor(compress);
  const isModule = typeof compress === "object" && "module" in compress;
  const compressor = isModule
    ? { name: choiceText(compress) }
    : makeCompressor(compression, compress, { length: 1, tensors: [], parts: 1, seed: 0 });
  if (pipeline && choice !== SYNCHRONOUS) {
    throw new UsageError(`a pipeline is one replica: leave strategy ${choiceText(choice)} out`);
  }
  if (pipeline && compressor) {
    throw new UsageError(`a pipeline sends no contributions: leave compress ${choiceText(compress)} out`);
  }
  if (pipeline && servers !== undefined) {
    throw new UsageError(
      `a pipeline has no contributions for parameter servers: leave pipeline or servers ${brief(servers)} out`,
    );
  }
  if (typeof choice === "object" && "module" in choice)
    return { isServed: servers !== undefined || isFreeModule(factory, choice) };
  const run = strategyRun({ length: 1, state: ["parameters"] }, UNKNOWN);
  const strategy = makeStrategy(factory, choice, run);
  checkServed(strategy, config, servers);
  checkPrivate(strategy, config);
  if (!isGradientStep(strategy, run)) checkPrecision(`strategy ${strategy.name}`, precision);
  if (compressor) checkCompressor(compressor, strategy, precision);
  return { isServed: servers !== undefined || isFree(strategy) };
}

/** As far as the module says so before the data are there. */
function isFreeModule(factory: StrategyFactory, choice: Choice): boolean {
  try {
    return isFree(factory(optionsOf(choice), strategyRun({ length: 1, state: ["parameters"] }, UNKNOWN)));
  } catch {
    return false;
  }
}

function checkCount(servers: number): void {
  if (Number.isSafeInteger(servers) && servers >= 1 && servers <= MOST_SERVERS) return;
  throw new UsageError(
    `servers (--reduce servers:K) must be a whole number from 1 to ${MOST_SERVERS}, got ${brief(servers)}`,
  );
}

/** @throws UsageError for what a run with parameter servers cannot have, and for a strategy that cannot be on servers */
export function checkServed(strategy: Strategy, config: OfServed, servers: number | undefined): void {
  const { name, aggregate } = strategy;
  const { clip, compress = UNCOMPRESSED } = config;
  if (servers !== undefined) checkCount(servers);
  if (!isFree(strategy)) {
    if (servers === undefined) return;
    checkBulk(strategy);
  }
  if (clip !== undefined) {
    throw new UsageError(
      `clip ${clip} needs the norm of the whole gradient, of which each parameter server has a piece: leave clip out`,
    );
  }
  if (compress !== UNCOMPRESSED) {
    throw new UsageError(`strategy ${name} sends contributions to parameter servers as they are: leave compress out`);
  }
  if (aggregate === applyGradient) checkServedOptimizer(name, config);
}

/** A server makes one step of the optimizer by the sum of its piece: a strategy that does more cannot be on servers. */
function checkBulk(strategy: Strategy): void {
  const { name, aggregate, local = [], phases = 1, exchange, participants } = strategy;
  const way = "leave reduce (--reduce servers:K) out, or use strategy synchronous, downpour, stale or easgd:async=true";
  if (quorumOf(strategy) !== undefined) {
    throw new UsageError(`strategy ${name} with backup leaves parts out, and parameter servers wait for all: ${way}`);
  }
  if (local.length > 0) {
    throw new UsageError(`strategy ${name} keeps a state of each part, which parameter servers do not have: ${way}`);
  }
  if (aggregate === applyGradient && phases === 1 && !exchange && !participants && delayOf(strategy) === 0) return;
  throw new UsageError(
    `strategy ${name} does not step by the sum of all gradients, and parameter servers do nothing else: ${way}`,
  );
}

/** Faults of the messages of rounds in which all parts come together. */
const OF_ROUNDS = ["flip", "spoil", "slow"];

/** @throws UsageError for faults that do not strike a run with parameter servers */
export function checkServedFaults({ faults = [], chaos }: Pick<DistributedOptions, "faults" | "chaos">): void {
  const kind = [...faults.map((fault) => fault.kind), ...(chaos?.kinds ?? [])].find((one) => OF_ROUNDS.includes(one));
  if (kind === undefined) return;
  throw new UsageError(
    `fault ${kind} does not strike a run with parameter servers: use kill, hang, cut or lose${chaos ? " (--chaos mtbf=30s,kinds=kill+hang)" : ""}`,
  );
}

/** @throws UsageError for a precision that needs more than `what` keeps */
export function checkPrecision(what: string, precision: TrainingConfig["precision"]): void {
  if (precision !== "f16") return;
  throw new UsageError(`precision f16 has a loss scale, which ${what} does not keep: use bf16 or f32`);
}

/** @throws UsageError for a strategy or a precision that the compressor cannot be combined with */
export function checkCompressor(
  { name, differences = false }: Pick<CheckedCompressor, "name"> & Partial<Pick<CheckedCompressor, "differences">>,
  strategy: Strategy,
  precision: TrainingConfig["precision"],
): void {
  const { name: of, contributes, exchange, phases = 1 } = strategy;
  checkPrecision(`compressor ${name}`, precision);
  if (differences && contributes === "both") {
    throw new UsageError(
      `compressor ${name} is for differences, and strategy ${of} contributes gradients at first and parameters later: use compress f16, or leave post out`,
    );
  }
  if (quorumOf(strategy) !== undefined) {
    throw new UsageError(
      `compressor ${name} keeps a residual of each part, and strategy ${of} leaves parts out that come late: leave compress or backup out`,
    );
  }
  if (!exchange && phases === 1) return;
  throw new UsageError(
    `compressor ${name} keeps a residual of the whole vector, and strategy ${of} exchanges pieces of it: leave compress out`,
  );
}

/** @throws UsageError for running averages, which are no gradients. A compressor loses of them; a server would step by them */
export function checkStatistics(what: string, { statistics = 0 }: Pick<Workload, "statistics">): void {
  if (statistics === 0) return;
  throw new UsageError(
    `${what} would distort the running averages of the model, as of batchNorm: leave it out, or use layerNorm`,
  );
}
