/** Makes the report of a finished run: a few images through the network and through PCA, its filters, its codes. */
import { type Pca, pcaReconstruct } from "../analysis/pca.js";
import { type Dataset, type Split, sliceSplit } from "../data/dataset.js";
import { fromDeviations, toDeviations } from "../data/standardise.js";
import type { DeviceInfo } from "../device/device.js";
import { messageOf } from "../error.js";
import type { TrainingConfig } from "../training/config.js";
import type { RunEvent } from "../training/event.js";
import type { RunMeasures } from "../training/measures.js";
import type { RunResult } from "../training/run-result.js";
import { settingsOf } from "../training/settings.js";
import type { TrainedAutoencoder } from "../training/trained.js";
import { version } from "../version.js";
import type { World } from "../world/world.js";
import type { CurvePoint, Examples, ReportData } from "./data.js";
import { failureLog } from "./failure-log.js";
import type { ImageSet } from "./images.js";
import { filtersOf, type PictureShape, picturesOf } from "./pictures.js";
import { placeText } from "./place.js";
import { renderReport } from "./report.js";

interface ReportedRun extends RunResult {
  readonly dataset: Dataset;
  readonly device: DeviceInfo;
  readonly autoencoder: TrainedAutoencoder;
  readonly measures: RunMeasures;
}

const EXAMPLES = 20;
const FILTERS = 100;
const CODES = 2000;

/** Writes report.html to the run's folder. Returns what it lacks, and why: a line for each. */
export async function writeReport(world: World, run: ReportedRun): Promise<readonly string[]> {
  const data = await reportData(world, run);
  await run.folder.writeReport(renderReport(data));
  return data.notices ?? [];
}

async function reportData(world: World, run: ReportedRun): Promise<ReportData> {
  const { model, config, dataset, measures } = run;
  const notices = [...measures.notices];
  /** A part that cannot be made is left out. The rest of the report stays. */
  const part = async <T>(what: string, make: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await make();
    } catch (error) {
      notices.push(`the report lacks ${what}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const { name, source, notice, train, test } = dataset;
  const { shape } = test;
  const events = await run.folder.events();
  return {
    version,
    date: world.clock.date().toISOString().slice(0, 16).replace("T", " "),
    network: model.name,
    codeSize: model.codeSize,
    parameterCount: model.layout.parameters,
    parametersSha256: run.parametersSha256,
    loss: config.loss,
    configuration: settingsOf(config, model, { steps: run.step, images: train.count }),
    place: events.findLast((event) => event.event === "start")?.place,
    device: run.device,
    dataset: { name, source, notice, train: train.count, test: test.count, pictures: test.shape !== undefined },
    curve: curve(events),
    errors: measures.errors,
    advice: measures.advice,
    deviations: config.columns !== undefined,
    steps: run.step,
    epochs: (run.step * config.batch) / train.count,
    ...wholeCourse(run, events),
    examples: shape && (await part("reconstructions", () => examples(run, test, { ...test, shape }))),
    filters: shape && (await part("filters", () => filters(run, { ...test, shape }))),
    codes: await part("codes", () => codes(run)),
    failures: await part("failures", () => failureLog(events)),
    events: notable(events),
    notices,
  };
}

/** Time and speed of all sessions of a run. The time of events begins at 0 again when a run is resumed. */
function wholeCourse({ step, seconds, config }: ReportedRun, events: readonly RunEvent[]) {
  const earlier = events.filter((_, i) => events[i + 1]?.event === "start");
  const total = earlier.reduce((sum, { time }) => sum + time, seconds);
  // A record that was lost begins where the run went on.
  const steps = step - (events[0]?.step ?? 0);
  return { seconds: total, imagesPerSecond: (steps * config.batch) / Math.max(total, 1e-9) };
}

/** One point for each window of steps; a test error belongs to the point at which it was measured. */
function curve(events: readonly RunEvent[]): CurvePoint[] {
  const evaluations = new Map(events.flatMap((e) => (e.event === "evaluation" ? [[e.step, e] as const] : [])));
  return events.flatMap((e) => {
    if (e.event !== "steps") return [];
    const { step, epoch, loss, learningRate, imagesPerSecond } = e;
    const { test, train } = evaluations.get(step) ?? {};
    return [{ step, epoch, loss, learningRate, imagesPerSecond, testSse: test?.sse, trainSse: train?.sse }];
  });
}

function notable(events: readonly RunEvent[]): ReportData["events"] {
  return events.flatMap((e) => {
    // Injected faults are shown among the failures.
    if (e.event === "warning" && e.fault === undefined) return [{ time: e.time, what: e.message }];
    if (e.event === "start" && e.resumed) {
      return [{ time: e.time, what: `resumed from a checkpoint${e.place ? `, on ${placeText(e.place)}` : ""}` }];
    }
    if (e.event === "stop") return [{ time: e.time, what: "stopped on request" }];
    return [];
  });
}

async function examples(run: ReportedRun, test: Split, picture: PictureShape): Promise<Examples> {
  const shown = sliceSplit(test, 0, Math.min(EXAMPLES, test.count));
  const originals = Float32Array.from(shown.images, (value) => value * shown.scale);
  const reconstructions = await run.autoencoder.reconstruct(originals);
  const { measures, config } = run;
  const pca = measures.pca && throughPca(measures.pca, originals, shown.count, config.columns);
  const pictures = (values: Float32Array): ImageSet => picturesOf(picture, values);
  return {
    originals: pictures(originals),
    reconstructions: pictures(reconstructions),
    pca: pca && pictures(pca),
    labels: shown.labels,
  };
}

/** PCA of standardized columns where the network has standardized columns. */
function throughPca(pca: Pca, rows: Float32Array, count: number, columns: TrainingConfig["columns"]): Float32Array {
  const scaled = columns ? toDeviations(rows, columns) : rows;
  const matrix = { rows: count, columns: rows.length / count, values: Float64Array.from(scaled) };
  const made = Float32Array.from(pcaReconstruct(pca, matrix).values);
  return columns ? fromDeviations(made, columns) : made;
}

function filters({ model, parameters }: ReportedRun, picture: PictureShape): ImageSet {
  const [first] = model.layers;
  return filtersOf(picture, model.layout.part(parameters, `${first.name}.weight`), first.outputs, FILTERS);
}

async function codes({ autoencoder, dataset: { test } }: ReportedRun) {
  const shown = sliceSplit(test, 0, Math.min(CODES, test.count));
  const values = await autoencoder.encode(shown);
  return { count: shown.count, size: autoencoder.model.codeSize, values, labels: shown.labels };
}
