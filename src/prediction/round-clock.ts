/** How long the rounds of a strategy take: one part on each worker, its exchange over the link, and the update. */
import type { Autoencoder } from "../model/autoencoder.js";
import { gradientProgram, updateProgram } from "../model/part-programs.js";
import { updateRule } from "../optimizer/optimizer.js";
import type { CheckedCompressor } from "../strategies/rounds/checked-compressor.js";
import { isGradientStep } from "../strategies/rounds/gradient-step.js";
import type { Strategy, StrategyRun } from "../strategies/strategy.js";
import type { TrainingConfig } from "../training/config/config.js";
import { optimizerFromConfig } from "../training/from-config.js";
import type { Link } from "../transport/link.js";
import { type DeviceModel, secondsOf } from "./device-model.js";
import type { Topology } from "./exchange.js";

export interface RoundClockOptions {
  readonly strategy: Strategy;
  readonly run: StrategyRun;
  readonly model: Autoencoder;
  /** With as many parts as workers. */
  readonly config: TrainingConfig;
  readonly reduce: Topology;
  readonly link: Link;
  readonly device: DeviceModel;
  readonly compressor?: CheckedCompressor;
}

/** Seconds of a round. */
interface RoundSeconds {
  /** A part, on one worker. */
  readonly part: number;
  /** What all parts exchange. */
  readonly exchange: number;
  readonly update: number;
}

const FLOAT_BYTES = 4;

export class RoundClock {
  readonly #options: RoundClockOptions;
  /** Seconds of a step of one part. */
  readonly #gradient: number;
  readonly #update: number;
  readonly #isStep: boolean;

  constructor(options: RoundClockOptions) {
    const { config, model, device, strategy, run } = options;
    const { batch, loss, precision, parts } = config;
    const source = { type: "u8", count: 1, scale: 1 } as const;
    const rows = Math.ceil(batch / parts);
    this.#options = options;
    this.#gradient = secondsOf(gradientProgram(model, { source, batch, rows, loss, precision }), device);
    this.#update = secondsOf(
      updateProgram(model, { rule: updateRule(optimizerFromConfig(config)), precision }),
      device,
    );
    this.#isStep = isGradientStep(strategy, run);
  }

  seconds(round: number): RoundSeconds {
    const { strategy, config } = this.#options;
    const { samples, steps } = strategy.advance(round);
    const taking = strategy.participants?.(round).length ?? config.parts;
    const passes = samples / taking / (config.batch / config.parts);
    const part = passes * this.#gradient + (this.#isStep ? 0 : steps * this.#update);
    return { part, exchange: config.parts === 1 ? 0 : this.#exchange(round, taking), update: this.#update };
  }

  /** All exchanges of a round. */
  #exchange(round: number, taking: number): number {
    const { strategy, run, reduce, link, compressor } = this.#options;
    const { phases = 1, exchange, needs } = strategy;
    const reads = strategy.reads?.(round) ?? true;
    const each = Array.from({ length: compressor?.phases ?? phases }, (_, phase) => {
      const ranges = exchange?.(round, phase) ?? [{ length: run.length }];
      const elements = compressor?.elements(phase) ?? ranges.reduce((sum, range) => sum + range.length, 0);
      const up = compressor?.bytes(phase) ?? FLOAT_BYTES * elements;
      const down = reads ? FLOAT_BYTES * elements * (needs === "each" ? taking : 1) : 0;
      return reduce({ up, down, additive: up === FLOAT_BYTES * elements && needs === "sum" }, taking, link);
    });
    return each.reduce((sum, seconds) => sum + seconds, 0);
  }
}
