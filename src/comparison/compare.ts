/** Several strategies on the same data, network, length and faults: one run after the other, each in a folder of its own. */
import { join } from "node:path";
import { type AskedChoice, type Choice, choiceText, normalChoice } from "../choice.js";
import { checkStrategy } from "../distributed/check-strategy.js";
import { loadNamed } from "../distributed/task.js";
import { UsageError } from "../error.js";
import { parseDevices } from "../placement/parse-devices.js";
import { checkWorkerCount, mostOf } from "../placement/worker-count.js";
import { virtualTimes } from "../prediction/virtual-times.js";
import type { TrainPlace } from "../request.js";
import { makeStrategy } from "../strategies/registry.js";
import { makeCompressor } from "../strategies/rounds/checked-compressor.js";
import { type Payload, payloadOf } from "../strategies/rounds/payload.js";
import { roundsOf } from "../strategies/rounds/rounds-of.js";
import { strategyRun } from "../strategies/strategy-run.js";
import { type TrainResult, train } from "../train.js";
import type { TrainingOptions } from "../training/config/config.js";
import { UNCOMPRESSED } from "../training/config/strategy-choice.js";
import type { RunEvent } from "../training/event.js";
import { learningRate } from "../training/from-config.js";
import { newFolder } from "../training/run-folder/new-folder.js";
import { refuseModels } from "../training/task/check-task.js";
import { type Link, parseLink } from "../transport/link.js";
import { AutoencoderWorkload } from "../workload/autoencoder.js";
import { nodeWorld } from "../world/node/world.js";
import type { World } from "../world/world.js";
import { writeWhole } from "../world/write-whole.js";
import { renderComparison } from "./page.js";
import { checkTarget } from "./target.js";

/** Parts of a comparison whose user names none: with one part all strategies are alike. */
const PARTS = 4;

/** A measured point of a run. */
export interface ComparedPoint {
  readonly images: number;
  /** Of training. */
  readonly seconds: number;
  /** Test error. */
  readonly sse: number;
}

/** A strategy, and the encoding of its contributions where that is not the same for all. */
export interface ComparedChoice {
  readonly strategy: AskedChoice;
  readonly compress?: AskedChoice;
}

/** The same in one form. */
interface Compared {
  readonly strategy: Choice;
  readonly compress?: Choice;
  /** `synchronous+topk:share=0.01` */
  readonly text: string;
}

/** What one strategy came to. */
export interface ComparedRun {
  /** `local-sgd:H=8`, `synchronous+topk:share=0.01` */
  readonly strategy: string;
  readonly parts: number;
  /** Final errors over the test images. */
  readonly sse: number;
  readonly mse: number;
  readonly seconds: number;
  readonly imagesPerSecond: number;
  /** Bytes an image. */
  readonly payload: Payload;
  /** Failures that the run recovered from, the steps that were done again, and the seconds that training stood still for them. */
  readonly failures: number;
  readonly stepsLost: number;
  readonly waited: number;
  readonly points: readonly ComparedPoint[];
  /** Seconds until the test SSE was at most the target; undefined: it was not, or there is none. */
  readonly toTarget?: number;
  /** Folder of the run. */
  readonly out: string;
}

/** What all strategies came to. */
export interface Comparison {
  readonly dataset: string;
  readonly network: string;
  readonly batch: number;
  readonly workers: number;
  /** The link that times are for: of as many machines as parts. Default: times are those of this machine. */
  readonly link?: string;
  /** Test SSE to reach. */
  readonly target?: number;
  readonly runs: readonly ComparedRun[];
  /** Folder of the runs, with comparison.html and comparison.json. */
  readonly out: string;
  /** Whether the signal ended it before all strategies had run. */
  readonly stopped: boolean;
}

/** Where the runs happen, and callbacks: as of `train`. */
export type ComparePlace = Omit<TrainPlace, "resume" | "pipeline" | "measures" | "onReady"> & {
  /** Told before each run: its strategy, its number from 0, its folder. */
  readonly onRun?: (strategy: string, index: number, out: string) => unknown;
  /** Told after each run. */
  readonly onDone?: (run: ComparedRun) => unknown;
  /** A test SSE: the table has the time until it is reached. */
  readonly target?: number;
};

/**
 * Trains with each strategy in turn, and writes a page with a table and curves.
 * @param strategies two or more, each once, and where they have one with a compressor of their own
 * @throws UsageError for what `train` would refuse, before the first run begins where it can be known
 */
export async function compare(
  options: TrainingOptions,
  strategies: readonly (AskedChoice | ComparedChoice)[],
  { onRun, onDone, link, target, ...place }: ComparePlace = {},
): Promise<Comparison> {
  const world = place.world ?? nodeWorld();
  const choices = checkChoices(strategies, options.compress);
  refuseModels("compare", options);
  const over = link === undefined ? undefined : parseLink(link);
  checkTarget(target);
  const { precision = "f32" } = options;
  for (const choice of choices) await checkStrategy({ ...choice, precision });
  const workers = place.workers ?? (place.devices === undefined ? 1 : undefined);
  if (workers !== undefined) checkWorkerCount(workers);
  const listed = parseDevices(place.devices ?? "cpu").reduce((sum, { workers: each }) => sum + each, 0);
  const parts = options.parts ?? Math.max(PARTS, mostOf(workers ?? 1), listed);
  const out = place.out ?? (await newFolder(world, "comparison"));
  const runs: ComparedRun[] = [];
  let comparison: Comparison = {
    ...{ link, target, dataset: "", network: "", batch: 0, workers: mostOf(workers ?? 0), runs, out },
    stopped: true,
  };
  for (const [i, choice] of choices.entries()) {
    if (place.signal?.aborted) break;
    const { text, ...asked } = choice;
    const folder = join(out, `${i + 1}-${text.replace(/[^\w.-]+/g, "-")}`);
    await onRun?.(text, i, folder);
    const result = await train({ ...options, parts, ...asked }, { pca: false, ...place, world, workers, out: folder });
    result.close();
    if (result.stopped || !result.measures) break;
    const run = await comparedRun(choice, result, over, target);
    runs.push(run);
    const { dataset, model, config } = result;
    const about = { dataset: dataset.name, network: model.name, batch: config.batch };
    comparison = { ...comparison, ...about, stopped: runs.length < choices.length };
    // After each run: if a later one fails, what is done has its page.
    await write(world, comparison);
    await onDone?.(run);
  }
  return comparison;
}

/** @throws UsageError for less than two, or for one twice */
function checkChoices(
  strategies: readonly (AskedChoice | ComparedChoice)[],
  forAll: TrainingOptions["compress"],
): Compared[] {
  const choices = strategies.map((choice) => normalised(choice, forAll));
  const texts = choices.map(({ text }) => text);
  if (choices.length < 2) {
    throw new UsageError(
      `a comparison needs two strategies or more, got ${choices.length}: write synchronous local-sgd:H=8`,
    );
  }
  const twice = texts.find((text, i) => texts.indexOf(text) < i);
  if (twice !== undefined) throw new UsageError(`strategy ${twice} is given twice: give each once`);
  return choices;
}

function normalised(choice: AskedChoice | ComparedChoice, forAll: TrainingOptions["compress"]): Compared {
  const { strategy: asked, compress: own } =
    typeof choice === "object" && "strategy" in choice ? choice : { strategy: choice, compress: undefined };
  const strategy = normalChoice(asked, "strategy");
  const compress = own ?? forAll;
  if (compress === undefined) return { strategy, text: choiceText(strategy) };
  const normal = normalChoice(compress, "compressor");
  const suffix = own === undefined ? "" : `+${choiceText(normal)}`;
  return { strategy, compress: normal, text: `${choiceText(strategy)}${suffix}` };
}

async function comparedRun(
  { strategy, text }: Compared,
  result: TrainResult,
  link: Link | undefined,
  target: number | undefined,
): Promise<ComparedRun> {
  const { config, model, dataset, step, measures, folder } = result;
  const workload = new AutoencoderWorkload({ model, config, steps: step });
  const facts = { ...config, images: dataset.train.count, labels: dataset.train.labels, steps: step };
  const about = strategyRun(workload, { ...facts, rate: (at) => learningRate(config, step, at) });
  const { compress = UNCOMPRESSED } = config;
  const named = await loadNamed({ strategy, compress });
  const made = makeStrategy(named.strategy, strategy, about);
  const { length, tensors } = model.layout;
  const compressor = named.compressor && makeCompressor(named.compressor, compress, { length, tensors, ...config });
  const { sse = Number.NaN, mse = Number.NaN } = measures?.errors.test ?? {};
  const events = await folder.events();
  const payload = payloadOf(made, length, step, compressor);
  const images = new Map([...roundsOf(made, step)].map((round) => [round.step, round.images]));
  const read = images.get(step) ?? 0;
  const bytes = events.reduce((sum, event) => sum + (event.event === "steps" ? (event.bytes ?? 0) : 0), 0);
  const virtual = link && virtualTimes({ strategy: made, run: about, model, config, compressor, link }, step);
  const points = pointsOf(events, images, virtual);
  const seconds = virtual?.get(step) ?? result.seconds;
  const imagesPerSecond = virtual ? read / seconds : result.imagesPerSecond;
  const toTarget = target === undefined ? undefined : points.find((point) => point.sse <= target)?.seconds;
  return {
    strategy: text,
    parts: config.parts,
    ...{ sse, mse, seconds, imagesPerSecond },
    // Only compressed contributions are counted in every round: others are also exchanged under leases, which count nothing.
    payload: compressor ? { ...payload, up: bytes / read } : payload,
    ...losses(events),
    points,
    ...(toTarget !== undefined && { toTarget }),
    out: folder.path,
  };
}

function losses(events: readonly RunEvent[]): Pick<ComparedRun, "failures" | "stepsLost" | "waited"> {
  const recoveries = events.filter((event) => event.event === "recovery");
  return {
    failures: recoveries.length,
    stepsLost: recoveries.reduce((sum, { stepsLost }) => sum + stepsLost, 0),
    waited: recoveries.reduce((sum, { waited }) => sum + waited, 0),
  };
}

const pointsOf = (
  events: readonly RunEvent[],
  images: ReadonlyMap<number, number>,
  virtual?: ReadonlyMap<number, number>,
): ComparedPoint[] =>
  events.flatMap((event) =>
    event.event === "evaluation"
      ? [{ images: images.get(event.step) ?? 0, seconds: virtual?.get(event.step) ?? event.time, sse: event.test.sse }]
      : [],
  );

async function write(world: World, comparison: Comparison): Promise<void> {
  const { out } = comparison;
  const files = {
    "comparison.json": `${JSON.stringify(comparison, null, 2)}\n`,
    "comparison.html": renderComparison(comparison, world.clock.date().toISOString().slice(0, 16).replace("T", " ")),
  };
  for (const [name, text] of Object.entries(files)) await writeWhole(world.disk, join(out, name), text);
}
