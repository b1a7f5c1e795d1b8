/**
 * What a run would do on workers that are not here, from the cost of its programs, a link, and a rate of failures. Vectors are
 * lengths, nothing is trained. Every worker has one part of as many images a step, whatever the number of workers.
 */
import { type AskedChoice, choiceText, normalChoice } from "../choice.js";
import { DEFAULT_TIMES } from "../cluster/times.js";
import { checkStrategy } from "../distributed/check-strategy.js";
import { loadNamed } from "../distributed/task.js";
import { brief, UsageError } from "../error.js";
import { makeStrategy } from "../strategies/registry.js";
import { makeCompressor } from "../strategies/rounds/checked-compressor.js";
import type { StrategyFactory } from "../strategies/strategy.js";
import { strategyRun } from "../strategies/strategy-run.js";
import { parseConfig, type TrainingOptions } from "../training/config/config.js";
import { SYNCHRONOUS, UNCOMPRESSED } from "../training/config/strategy-choice.js";
import { learningRate, modelFromConfig } from "../training/from-config.js";
import type { Link } from "../transport/link.js";
import { AutoencoderWorkload } from "../workload/autoencoder.js";
import type { DeviceModel } from "./device-model.js";
import type { Topology } from "./exchange.js";
import { RoundClock } from "./round-clock.js";
import { simulateRounds } from "./rounds.js";

interface PredictionOptions {
  /** Layers, optimizer, strategy and compressor; `batch` is that of one worker. */
  readonly config: TrainingOptions;
  readonly workers: number;
  readonly link: Link;
  readonly reduce: Topology;
  readonly device: DeviceModel;
  /** Mean seconds between two failures of the run with `workers`; with fewer workers they are as many times rarer. */
  readonly mtbf?: number;
  /** Of one worker for an hour. */
  readonly price?: number;
  /** Seconds until a worker that failed is back. Default: 10. */
  readonly restart?: number;
}

/** One number of workers. */
export interface Prediction {
  readonly workers: number;
  readonly imagesPerSecond: number;
  /** Share of the speed of as many workers that exchange nothing and never fail. */
  readonly efficiency: number;
  /** Share of the speed of the same run without failures. */
  readonly goodput: number;
  /** Seconds of a round: of computing, and of exchanges. */
  readonly computing: number;
  readonly exchanging: number;
  readonly failures: number;
  /** For a million images. */
  readonly coreSeconds: number;
  readonly cost?: number;
}

/** Rounds that are simulated. */
const ROUNDS = 1000;
/** Fewest images of the data set: those of MNIST. */
const IMAGES = 60_000;
/** Steps of the run, for strategies whose rounds depend on it. */
const STEPS = 1_000_000;
const FEATURES = 784;
const RESTART = 10;
const MOST = 1_000_000;

/** From 1 worker up to those asked for. @throws UsageError for what `train` would refuse */
export async function predict(options: PredictionOptions): Promise<Prediction[]> {
  const { workers: most } = options;
  if (!Number.isSafeInteger(most) || most < 1 || most > MOST) {
    throw new UsageError(`workers must be a whole number from 1 to ${MOST}, got ${brief(most)}`);
  }
  const { strategy = SYNCHRONOUS, compress = UNCOMPRESSED } = options.config;
  const { precision = "f32" } = options.config;
  const [asked, compressor] = [normalChoice(strategy, "strategy"), normalChoice(compress, "compressor")];
  await checkStrategy({ strategy: asked, compress: compressor, precision });
  const named = await loadNamed({ strategy, compress });
  return counts(options.workers).map((workers) => predictOne(options, named, workers));
}

/** 1, 2, 5, 10, ... and the last. */
function counts(last: number): number[] {
  const decades = Array.from({ length: 1 + Math.floor(Math.log10(last)) }, (_, i) => 10 ** i);
  return [...decades.flatMap((one) => [one, 2 * one, 5 * one]).filter((count) => count < last), last];
}

interface Named {
  readonly strategy: StrategyFactory;
  readonly compressor?: Parameters<typeof makeCompressor>[0];
}

function predictOne(options: PredictionOptions, named: Named, workers: number): Prediction {
  const { link, reduce, device, mtbf, price, restart = RESTART } = options;
  const config = parseConfig({ ...options.config, parts: workers, batch: workers * (options.config.batch ?? 128) });
  const model = modelFromConfig(config, config.layers?.[0] ?? FEATURES);
  const images = Math.max(IMAGES, config.batch);
  const workload = new AutoencoderWorkload({ model, config, steps: STEPS });
  const rate = (step: number): number => learningRate(config, STEPS, step);
  const run = strategyRun(workload, { ...config, parts: workers, images, steps: STEPS, rate });
  const made = makeStrategy(named.strategy, config.strategy ?? SYNCHRONOUS, run);
  const about = { length: workload.length, tensors: model.layout.tensors, parts: workers, seed: config.seed };
  const compressor = named.compressor && makeCompressor(named.compressor, config.compress ?? UNCOMPRESSED, about);
  const { samples } = made.advance(0);
  const clock = new RoundClock({ strategy: made, run, model, config, reduce, link, device, compressor });
  const { part, exchange: exchanging, update } = clock.seconds(0);
  const times = { workers, part, after: exchanging + update, detection: DEFAULT_TIMES.timeout / 1000, restart };
  const failures = mtbf === undefined ? undefined : (mtbf * options.workers) / workers;
  const ideal = simulateRounds(times, ROUNDS, config.seed).seconds;
  const { seconds, failures: struck } = simulateRounds({ ...times, failures }, ROUNDS, config.seed);
  const imagesPerSecond = (ROUNDS * samples) / seconds;
  const coreSeconds = (1e6 / imagesPerSecond) * workers;
  return {
    ...{ workers, imagesPerSecond, goodput: ideal / seconds, failures: struck, coreSeconds, exchanging },
    computing: part + update,
    efficiency: (ROUNDS * (part + update)) / seconds,
    ...(price !== undefined && { cost: (coreSeconds / 3600) * price }),
  };
}

/** `diloco:H=100+topk:share=0.01` */
export function predictedText({ strategy = SYNCHRONOUS, compress }: TrainingOptions): string {
  const text = (choice: AskedChoice, what: string): string => choiceText(normalChoice(choice, what));
  return text(strategy, "strategy") + (compress === undefined ? "" : `+${text(compress, "compressor")}`);
}
